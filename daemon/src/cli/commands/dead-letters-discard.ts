import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator dead-letters discard` */
export function deadLettersDiscard(command: Command, context: Context): void {
  command.argument('<id>', 'id of the message or task');
  examples(connectionOptions(command), [
    { says: 'Give a dead letter up; what became of it stays known', line: 'orchestrator dead-letters discard ID' },
  ]).action(async (id: string, options: ConnectionOptions) => {
    const done = await withDaemon(context, options, (daemon) => daemon.call('deadLetter.discard', { id }));
    context.output.answer(done, () => `${context.output.style.bold(id)}  discarded`);
  });
}
