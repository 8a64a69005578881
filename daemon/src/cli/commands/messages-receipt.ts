import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { receiptText } from '../receipt-text.js';

/** `orchestrator messages receipt` */
export function messagesReceipt(command: Command, context: Context): void {
  command.argument('<message>', 'id of the message, as "send" prints it');
  examples(connectionOptions(command), [
    { says: 'What became of a message', line: 'orchestrator messages receipt MESSAGE' },
    { says: 'Its outcome alone', line: 'orchestrator messages receipt MESSAGE --json | jq -r .outcome' },
  ]).action(async (messageId: string, options: ConnectionOptions) => {
    const receipt = await withDaemon(context, options, (daemon) => daemon.call('message.receipt', { messageId }));
    context.output.answer(receipt, () => receiptText(receipt, context));
  });
}
