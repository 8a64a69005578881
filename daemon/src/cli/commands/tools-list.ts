import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';
import { toolsText } from '../tool-text.js';
import { labels } from '../values.js';

interface ListOptions extends ConnectionOptions, PageOptions {
  readonly set?: string;
  readonly provider?: string;
  readonly label?: Readonly<Record<string, string>>;
}

/** `orchestrator tools list` */
export function toolsList(command: Command, context: Context): void {
  command
    .option('--set <set>', 'only tools of a set')
    .option('--provider <provider>', 'only tools of one, such as mcp/github or agent/echo')
    .option('--label <name=value>', 'only tools with a label; can be repeated', labels);
  examples(connectionOptions(pageOptions(command)), [
    { says: 'The tools that you may use', line: 'orchestrator tools list' },
    { says: 'Those of one server', line: 'orchestrator tools list --provider mcp/github' },
    { says: 'Their names, for a script', line: `orchestrator tools list --json | jq -r '.entries[].name'` },
  ]).action(async (options: ListOptions) => {
    const { set, provider, label } = options;
    const params = { ...pageOf(options), ...defined({ set, provider, labels: label }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('tool.list', params));
    context.output.answer(page, () => toolsText(page.entries, context.output));
    noteMore(page, context.output);
  });
}
