import { CommandFailure } from './command-failure.js';

/** Ctrl-C ended what follows something. @param cursor where to go on, where there is one */
export function stopped(cursor: string | undefined): CommandFailure {
  return new CommandFailure('interrupted', cursor === undefined ? 'Stopped.' : `Stopped; go on with --after ${cursor}`);
}
