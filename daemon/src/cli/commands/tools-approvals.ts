import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { approvalsText } from '../tool-text.js';
import { integer } from '../values.js';

interface ApprovalsOptions extends ConnectionOptions {
  readonly limit: number;
}

/** `orchestrator tools approvals` */
export function toolsApprovals(command: Command, context: Context): void {
  command.option('--limit <count>', 'how many at most', integer(1, 1000), 100);
  examples(connectionOptions(command), [
    { says: 'Calls that wait for somebody, with their exact arguments', line: 'orchestrator tools approvals' },
  ]).action(async ({ limit, ...options }: ApprovalsOptions) => {
    const page = await withDaemon(context, options, (daemon) => daemon.call('tool.approvals', { limit }));
    context.output.answer(page, () => approvalsText(page.entries, context));
  });
}
