import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';

interface RedeliverOptions extends ConnectionOptions {
  readonly key?: string;
}

/** `orchestrator dead-letters redeliver` */
export function deadLettersRedeliver(command: Command, context: Context): void {
  command
    .argument('<id>', 'id of the message or task')
    .option('--key <key>', 'idempotency key: asked again with the same key it is sent once');
  examples(connectionOptions(command), [
    { says: 'Send it once more, and print its new id', line: 'orchestrator dead-letters redeliver ID' },
  ]).action(async (id: string, options: RedeliverOptions) => {
    const params = { id, ...defined({ idempotencyKey: options.key }) };
    const sent = await withDaemon(context, options, (daemon) => daemon.call('deadLetter.redeliver', params));
    context.output.answer(sent, () => sent.id);
  });
}
