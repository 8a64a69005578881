import type { Readable, Writable } from 'node:stream';
import type { Output } from './output.js';

/** What a command is given besides its arguments. */
export interface Context {
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Everything on stdin. */
  readonly readInput: () => Promise<string>;
  /** Stdin and stdout themselves, for a command that speaks a protocol over them. */
  readonly stdio: () => { readonly input: Readable; readonly output: Writable };
  /** Aborted by Ctrl-C and when nobody reads stdout any more; from the first call on, Ctrl-C no longer ends the process at once. */
  readonly interruption: () => AbortSignal;
}
