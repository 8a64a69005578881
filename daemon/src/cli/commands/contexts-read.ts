import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import { entryText } from '../context-text.js';
import type { TranscriptEntry } from '../context-text.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { stopped } from '../stopped.js';
import { integer } from '../values.js';

interface ReadOptions extends ConnectionOptions {
  readonly last?: number;
  readonly since?: number;
  readonly original?: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly follow?: boolean;
}

/** `orchestrator contexts read` */
export function contextsRead(command: Command, context: Context): void {
  command
    .argument('<context>', 'id of the context')
    .option('-n, --last <count>', 'only so many of the last entries', integer(1, 1000))
    .option('--since <entry>', 'only entries after this one', integer(0, Number.MAX_SAFE_INTEGER))
    .option('--original', 'also entries that a summary stands for')
    .option('--limit <count>', 'how many at most', integer(1, 1000), 100)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .option('-f, --follow', 'what is said from now on, until Ctrl-C');
  examples(connectionOptions(command), [
    { says: 'A conversation from its beginning', line: 'orchestrator contexts read CONTEXT' },
    { says: 'Its last ten entries', line: 'orchestrator contexts read CONTEXT -n 10' },
    { says: 'What is said, as it is said', line: 'orchestrator contexts read CONTEXT --follow' },
  ]).action(async (contextId: string, options: ReadOptions) => {
    if (options.follow === true) await followed(contextId, options, context);
    else await read(contextId, options, context);
  });
}

async function read(contextId: string, options: ReadOptions, context: Context): Promise<void> {
  const { output } = context;
  const { last, since, cursor } = options;
  const include = options.original === true ? ('original' as const) : undefined;
  const from = last === undefined ? undefined : ('end' as const);
  const params = { contextId, limit: last ?? options.limit, ...defined({ from, since, include, cursor }) };
  const page = await withDaemon(context, options, (daemon) => daemon.call('context.read', params));
  const entries = last === undefined ? page.entries : page.entries.toReversed();
  output.answer(page, () => entries.map((entry) => entryText(entry, output)).join('\n') || 'no entries');
  if (last === undefined && page.cursor !== undefined) output.note(`There are more: --cursor ${page.cursor}`);
}

async function followed(contextId: string, options: ReadOptions, context: Context): Promise<void> {
  const { output } = context;
  await withDaemon(
    context,
    options,
    async (daemon) => {
      const params = { contextId, ...defined({ after: options.cursor }) };
      const subscription = await daemon.follow<TranscriptEntry>('context.watch', params);
      for await (const entry of subscription) output.entry(entry, () => entryText(entry, output));
      throw stopped(subscription.cursor);
    },
    { lasting: true },
  );
}
