import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';
import { table } from '../table.js';
import { relativeTime } from '../time-text.js';

interface ListOptions extends ConnectionOptions, PageOptions {
  readonly all?: boolean;
}

/** `orchestrator contexts list` */
export function contextsList(command: Command, context: Context): void {
  command.option('--all', 'also those that you take no part in; for administrators');
  examples(connectionOptions(pageOptions(command)), [
    { says: 'The conversations that you take part in', line: 'orchestrator contexts list' },
    {
      says: 'All of them, for a script',
      line: `orchestrator contexts list --all --json | jq -r '.entries[].contextId'`,
    },
  ]).action(async (options: ListOptions) => {
    const params = { ...pageOf(options), ...defined({ all: options.all }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('context.list', params));
    const { output, now } = context;
    output.answer(page, () =>
      page.entries.length === 0
        ? 'no contexts'
        : table(
            [
              { title: 'context' },
              { title: 'state' },
              { title: 'title', flexible: true },
              { title: 'turns' },
              { title: 'participants', align: 'right' },
              { title: 'changed' },
            ],
            page.entries.map(({ contextId, state, title, turns, participants, updatedAt }) => [
              output.style.bold(contextId),
              output.style.state(state),
              title ?? '',
              turns,
              String(participants),
              relativeTime(updatedAt, now()),
            ]),
            output,
          ),
    );
    noteMore(page, output);
  });
}
