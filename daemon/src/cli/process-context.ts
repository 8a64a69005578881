import { text } from 'node:stream/consumers';
import { EXIT_CODES } from '../exit-codes.js';
import type { Context } from './context.js';
import { Output } from './output.js';

/**
 * The context of this process: its streams, environment and Ctrl-C.
 *
 * @param argv without the interpreter and the script
 */
export function processContext(argv: readonly string[]): Context {
  let interruption: AbortController | undefined;
  // Whoever reads our output has seen enough, as `head` does: nothing went wrong.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT_CODES.ok.code);
  });
  return {
    output: new Output(argv, process.env, process.stdout, process.stderr),
    environment: process.env,
    now: () => Date.now(),
    readInput: () => text(process.stdin),
    stdio: () => ({ input: process.stdin, output: process.stdout }),
    interruption() {
      if (interruption === undefined) {
        const controller = (interruption = new AbortController());
        process.once('SIGINT', () => {
          controller.abort();
        });
      }
      return interruption.signal;
    },
  };
}
