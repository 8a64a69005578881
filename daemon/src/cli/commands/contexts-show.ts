import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import { contextText } from '../context-text.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator contexts show` */
export function contextsShow(command: Command, context: Context): void {
  command.argument('<context>', 'id of the context');
  examples(connectionOptions(command), [
    { says: 'Who takes part, and whose turn it is', line: 'orchestrator contexts show CONTEXT' },
    { says: 'Its participants, for a script', line: 'orchestrator contexts show CONTEXT --json | jq .participants' },
  ]).action(async (contextId: string, options: ConnectionOptions) => {
    const record = await withDaemon(context, options, (daemon) => daemon.call('context.get', { contextId }));
    context.output.answer(record, () => contextText(record, context));
  });
}
