import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon, type Connection } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { stopped } from '../stopped.js';
import { entryLine, timelineText } from '../timeline-text.js';
import { TimelineTree, type TimelineEntry } from '../timeline-tree.js';
import { integer } from '../values.js';

interface TimelineOptions extends ConnectionOptions {
  readonly follow?: boolean;
  readonly limit: number;
}

const DEFAULT_LIMIT = 1000;
const MOST = 100_000;
const PAGE = 1000;
/** What happens within this time is drawn at once, milliseconds. */
const REDRAW_MS = 50;

/** `orchestrator timeline` */
export function timeline(command: Command, context: Context): void {
  command
    .argument('<id>', 'id of a message, a task, a tool call or a context, or a trace id')
    .option('-f, --follow', 'go on with what happens from now on, until Ctrl-C')
    .option('--limit <count>', 'how many entries at most', integer(1, MOST), DEFAULT_LIMIT);
  examples(connectionOptions(command), [
    { says: 'What a message led to, as a tree', line: 'orchestrator timeline MESSAGE' },
    { says: 'A task and its sub-tasks, as it happens', line: 'orchestrator timeline TASK --follow' },
    {
      says: 'What took longest in a conversation, for a script',
      line: `orchestrator timeline CONTEXT --json | jq '.entries | max_by(.durationMs)'`,
    },
  ]).action(async (id: string, options: TimelineOptions) => {
    const follow = options.follow === true;
    await withDaemon(
      context,
      options,
      (daemon) => (follow ? followed(daemon, id, context) : whole(daemon, id, options.limit, context)),
      { lasting: follow },
    );
  });
}

async function whole(daemon: Connection, id: string, most: number, { output }: Context): Promise<void> {
  const tree = new TimelineTree();
  const entries: TimelineEntry[] = [];
  let cursor: string | undefined;
  do {
    const params = { id, limit: Math.min(PAGE, most - entries.length), ...(cursor === undefined ? {} : { cursor }) };
    const page = await daemon.call('timeline.get', params);
    for (const entry of page.entries) {
      tree.add(entry);
      entries.push(entry);
    }
    cursor = page.cursor;
  } while (cursor !== undefined && entries.length < most);
  output.answer({ entries }, () => (tree.size === 0 ? 'nothing that you may see' : timelineText(tree, output)));
  if (cursor !== undefined) output.note(`There are more: --limit ${String(most * 10)}`);
}

/** On a terminal the tree is drawn again and again; elsewhere each entry is a line of its own. */
async function followed(daemon: Connection, id: string, { output }: Context): Promise<void> {
  const subscription = await daemon.follow<TimelineEntry>('timeline.watch', { id });
  const tree = new TimelineTree();
  const redraw = output.terminal && !output.json ? output.picture() : undefined;
  let drawing: NodeJS.Timeout | undefined;
  const draw = (): void => {
    drawing = undefined;
    redraw?.(timelineText(tree, output));
  };
  for await (const entry of subscription) {
    tree.add(entry);
    if (redraw === undefined) output.entry(entry, () => entryLine(entry, '', tree.begin, output));
    else drawing ??= setTimeout(draw, REDRAW_MS);
  }
  clearTimeout(drawing);
  throw stopped(undefined);
}
