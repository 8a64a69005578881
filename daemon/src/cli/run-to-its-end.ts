import { runDaemon, type RunOptions } from '../run-daemon.js';
import { CommandFailure } from './command-failure.js';

/** Runs a daemon until it is stopped. @throws CommandFailure with the exit code, when it did not start or did not stop in order */
export async function runToItsEnd(options: RunOptions): Promise<void> {
  let exit;
  try {
    exit = await runDaemon(options);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const { startFailure } = await import('../start-failure.js');
    const failure = startFailure(error);
    const message = `The daemon did not start: ${failure.message}`;
    throw new CommandFailure(failure.exit, message, undefined, undefined, { cause: error });
  }
  if (exit !== 'ok') throw new CommandFailure(exit, 'The daemon did not stop in order; its log says why.');
}
