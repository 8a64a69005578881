import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { bytesText } from '../time-text.js';

/** `orchestrator inbox show` */
export function inboxShow(command: Command, context: Context): void {
  command.argument('<agent>', 'id of the agent');
  examples(connectionOptions(command), [
    { says: 'How full an inbox is', line: 'orchestrator inbox show echo' },
    { says: 'How many messages wait, for a script', line: 'orchestrator inbox show echo --json | jq .messages' },
  ]).action(async (agentId: string, options: ConnectionOptions) => {
    const box = await withDaemon(context, options, (daemon) => daemon.call('inbox.get', { agentId }));
    const { output } = context;
    output.answer(box, () =>
      output.pairs([
        ['agent', output.style.bold(box.agentId)],
        ['messages', `${String(box.messages)} of ${String(box.limits.messages)}`],
        ['in flight', String(box.inFlight)],
        ['size', `${bytesText(box.bytes)} of ${bytesText(box.limits.bytes)}`],
      ]),
    );
  });
}
