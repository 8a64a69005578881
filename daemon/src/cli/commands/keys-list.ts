import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { keyState, type KeyRecord } from '../key-text.js';
import { relativeTime } from '../time-text.js';
import { integer } from '../values.js';
import { table } from '../table.js';

interface ListOptions extends ConnectionOptions {
  readonly limit: number;
  readonly cursor?: string;
}

/** `orchestrator keys list` */
export function keysList(command: Command, context: Context): void {
  command
    .option('--limit <count>', 'how many at most', integer(1, 1000), 100)
    .option('--cursor <cursor>', 'go on where an earlier list ended');
  examples(connectionOptions(command), [
    { says: 'Every key, when it was last used', line: 'orchestrator keys list' },
    {
      says: 'Keys that were never used, for a script',
      line: `orchestrator keys list --json | jq '.entries[] | select(.lastUsedAt == null)'`,
    },
  ]).action(async (options: ListOptions) => {
    const params = { limit: options.limit, ...defined({ cursor: options.cursor }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('key.list', params));
    context.output.answer(page, () => listText(page.entries, context));
    if (page.cursor !== undefined) context.output.note(`There are more: --cursor ${page.cursor}`);
  });
}

function listText(entries: readonly KeyRecord[], { output, now }: Context): string {
  if (entries.length === 0) return 'no keys';
  return table(
    [
      { title: 'key' },
      { title: 'name', flexible: true },
      { title: 'principal' },
      { title: 'roles' },
      { title: 'state' },
      { title: 'last used' },
      { title: 'expires' },
    ],
    entries.map((key) => [
      key.keyId,
      output.style.bold(key.name),
      key.principal,
      key.roles.join(', '),
      output.style.state(keyState(key, now())),
      key.lastUsedAt === undefined ? 'never' : relativeTime(key.lastUsedAt, now()),
      key.expiresAt === undefined ? 'never' : relativeTime(key.expiresAt, now()),
    ]),
    output,
  );
}
