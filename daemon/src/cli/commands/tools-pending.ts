import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';
import { pendingText } from '../tool-text.js';

interface PendingOptions extends ConnectionOptions, PageOptions {
  readonly provider?: string;
}

/** `orchestrator tools pending` */
export function toolsPending(command: Command, context: Context): void {
  command.option('--provider <provider>', 'only of one, such as mcp/github');
  examples(connectionOptions(pageOptions(command)), [
    { says: 'New and changed definitions that wait', line: 'orchestrator tools pending' },
  ]).action(async (options: PendingOptions) => {
    const params = { ...pageOf(options), ...defined({ provider: options.provider }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('tool.pending', params));
    context.output.answer(page, () => pendingText(page.entries, context));
    noteMore(page, context.output);
  });
}
