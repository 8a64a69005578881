import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { recipient, recipientOptions, type RecipientOptions } from '../recipient.js';
import { routingText } from '../routing-text.js';

interface ExplainOptions extends ConnectionOptions, RecipientOptions {
  readonly context?: string;
}

/** `orchestrator messages explain` */
export function messagesExplain(command: Command, context: Context): void {
  command.argument('[agent]', 'id of the agent; left out with --skill');
  recipientOptions(command).option('--context <context>', 'as for a message of a conversation');
  examples(connectionOptions(command), [
    { says: 'Who would get a message for a skill, and why', line: 'orchestrator messages explain --skill echo' },
    { says: 'Whether an agent would get one', line: 'orchestrator messages explain echo' },
    {
      says: 'Only the choice, for a script',
      line: 'orchestrator messages explain --skill echo --json | jq -r .chosen',
    },
  ]).action(async (agent: string | undefined, options: ExplainOptions) => {
    const params = { to: recipient(agent, options), ...defined({ contextId: options.context }) };
    const explained = await withDaemon(context, options, (daemon) => daemon.call('message.explain', params));
    context.output.answer(explained, () => routingText(explained, context.output));
  });
}
