import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { receiptLine, type Receipt } from '../receipt-text.js';
import { stopped } from '../stopped.js';

interface WatchOptions extends ConnectionOptions {
  readonly after?: string;
}

/** `orchestrator messages watch` */
export function messagesWatch(command: Command, context: Context): void {
  command.option('--after <cursor>', 'begin after a cursor that an earlier run printed, and miss nothing');
  examples(connectionOptions(command), [
    { says: 'What becomes of the messages that you sent, until Ctrl-C', line: 'orchestrator messages watch' },
    {
      says: 'Those that were not handled, for a script',
      line: `orchestrator messages watch --json | jq -r 'select(.outcome != "handled").messageId'`,
    },
  ]).action(async (options: WatchOptions) => {
    const { output } = context;
    await withDaemon(
      context,
      options,
      async (daemon) => {
        const subscription = await daemon.follow<Receipt>('message.watch', defined({ after: options.after }));
        for await (const receipt of subscription) output.entry(receipt, () => receiptLine(receipt, output));
        throw stopped(subscription.cursor);
      },
      { lasting: true },
    );
  });
}
