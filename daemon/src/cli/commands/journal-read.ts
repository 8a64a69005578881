import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { recordText } from '../journal-text.js';
import { collected, integer } from '../values.js';

interface ReadOptions extends ConnectionOptions {
  readonly from?: number;
  readonly after?: string;
  readonly action?: readonly string[];
  readonly resource?: string;
  readonly limit: number;
}

/** `orchestrator journal read` */
export function journalRead(command: Command, context: Context): void {
  command
    .option('--from <sequence>', 'begin at this record', integer(1, Number.MAX_SAFE_INTEGER))
    .option('--after <cursor>', 'go on where an earlier page ended')
    .option(
      '--action <name>',
      'only this event, or with a dot at the end all that begin so; can be repeated',
      collected,
    )
    .option('--resource <resource>', 'only on this resource, or with a slash at the end all under it')
    .option('--limit <count>', 'how many at most', integer(1, 1000), 100);
  examples(connectionOptions(command), [
    { says: 'From the beginning', line: 'orchestrator journal read' },
    { says: 'What was refused', line: 'orchestrator journal read --action permission.denied' },
    { says: 'As records, hashes included', line: 'orchestrator journal read --from 1 --limit 10 --json' },
  ]).action(async (options: ReadOptions) => {
    const { from: fromSequence, after, resource, limit } = options;
    const actions = options.action === undefined ? undefined : [...options.action];
    const params = { limit, ...defined({ fromSequence, after, actions, resource }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('journal.read', params));
    const { output } = context;
    output.answer(page, () => page.entries.map((record) => recordText(record, output)).join('\n') || 'no records');
    if (page.cursor !== undefined) output.note(`There are more: --after ${page.cursor}`);
  });
}
