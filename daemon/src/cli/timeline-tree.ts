import type { Methods, ResultOf } from '@ai-orchestrator/protocol';

/** One thing that happened. */
export type TimelineEntry = ResultOf<Methods['timeline.get']>['entries'][number];

/** An entry with the lines that lead to it in a tree. */
export interface TreeLine {
  readonly entry: TimelineEntry;
  /** `│  ├─ `, or nothing for what nothing shown caused. */
  readonly branch: string;
}

/** Entries by cause and effect. One that comes again takes the place of the earlier one. */
export class TimelineTree {
  readonly #entries = new Map<string, TimelineEntry>();

  add(entry: TimelineEntry): void {
    this.#entries.set(entry.id, entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** When the first thing happened, milliseconds since 1970 UTC. */
  get begin(): number {
    let begin = Infinity;
    for (const { at } of this.#entries.values()) begin = Math.min(begin, Date.parse(at));
    return begin;
  }

  /** Each entry below its cause, effects of the same cause in the order in which they happened. */
  lines(): TreeLine[] {
    const below = new Map<string, TimelineEntry[]>();
    for (const entry of this.#entries.values()) {
      const cause = entry.cause !== undefined && this.#entries.has(entry.cause) ? entry.cause : '';
      const siblings = below.get(cause);
      if (siblings === undefined) below.set(cause, [entry]);
      else siblings.push(entry);
    }
    for (const siblings of below.values()) siblings.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    const lines: TreeLine[] = [];
    for (const root of below.get('') ?? []) draw(root, '', '', below, lines);
    return lines;
  }
}

/** @param branch before the entry @param trunk before what is below it */
function draw(
  entry: TimelineEntry,
  branch: string,
  trunk: string,
  below: ReadonlyMap<string, readonly TimelineEntry[]>,
  lines: TreeLine[],
): void {
  lines.push({ entry, branch });
  const children = below.get(entry.id) ?? [];
  for (const [i, child] of children.entries()) {
    const last = i === children.length - 1;
    draw(child, `${trunk}${last ? '└─ ' : '├─ '}`, `${trunk}${last ? '   ' : '│  '}`, below, lines);
  }
}
