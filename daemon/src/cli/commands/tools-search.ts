import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { foundText } from '../tool-text.js';
import { integer } from '../values.js';

interface SearchOptions extends ConnectionOptions {
  readonly set?: string;
  readonly limit: number;
}

/** `orchestrator tools search` */
export function toolsSearch(command: Command, context: Context): void {
  command
    .argument('<words...>', 'what it should be able to do')
    .option('--set <set>', 'only tools of a set')
    .option('--limit <count>', 'how many at most', integer(1, 100), 20);
  examples(connectionOptions(command), [
    { says: 'Who can do something about issues', line: 'orchestrator tools search create issue' },
  ]).action(async (words: readonly string[], { set, limit, ...options }: SearchOptions) => {
    const params = { query: words.join(' '), limit, ...defined({ set }) };
    const found = await withDaemon(context, options, (daemon) => daemon.call('tool.search', params));
    context.output.answer(found, () => foundText(found.entries, context.output));
  });
}
