import { contextItemPrefix } from '../contexts/context-keys.js';
import type { Store } from '../store/store.js';
import { TASK_KEYS } from '../tasks/task-keys.js';
import { causedPrefix, tracePrefix } from './timeline-keys.js';
import type { TimelineItem, TimelineKind, TimelineSource } from './timeline-source.js';

/** What a timeline begins with: an item, or a trace, which is only what belongs to it. */
export type TimelineRoot = { readonly kind: 'trace'; readonly id: string } | TimelineItem;

/** Something below a root or an item. */
export interface Child {
  readonly id: string;
  readonly kind: TimelineKind;
}

const TRACE_ID = /^[0-9a-f]{32}$/;

/** Finds what timelines are made of, and what is below what. */
export class TimelineItems {
  constructor(
    private readonly store: Store,
    private readonly sources: Readonly<Record<TimelineKind, TimelineSource>>,
  ) {}

  find(kind: TimelineKind, id: string): Promise<TimelineItem | undefined> {
    return this.sources[kind].find(id);
  }

  /** The message, task or tool call with an id. */
  async named(id: string): Promise<TimelineItem | undefined> {
    return (await this.find('message', id)) ?? (await this.find('task', id)) ?? (await this.find('tool', id));
  }

  /** What an id that a caller gives is of; undefined when nothing is known of it. */
  async root(id: string): Promise<TimelineRoot | undefined> {
    const item = (await this.named(id)) ?? (await this.find('context', id));
    if (item !== undefined || !TRACE_ID.test(id)) return item;
    const [first] = await this.#ids(tracePrefix(id), '', 1);
    return first === undefined ? undefined : { kind: 'trace', id };
  }

  /** What is below a root or an item, in the order of ids, which is that of time. @param after id of the last one seen, or '' */
  async children({ kind, id }: Pick<TimelineRoot, 'kind' | 'id'>, after: string, limit: number): Promise<Child[]> {
    const found = await Promise.all(PREFIXES[kind](id).map(({ prefix, of }) => this.#ids(prefix, after, limit, of)));
    return found
      .flat()
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  /** Whether something that belongs to a context or trace has no cause there, so that it stands directly under it. */
  async isTop(root: TimelineRoot, item: TimelineItem): Promise<boolean> {
    if (!isIn(root, item)) return false;
    const cause = item.causeId === undefined ? undefined : await this.named(item.causeId);
    return cause === undefined || !isIn(root, cause);
  }

  async #ids(prefix: string, after: string, limit: number, of?: TimelineKind): Promise<Child[]> {
    const from = after === '' ? prefix : `${prefix}${after}0`;
    const { entries } = await this.store.range({ from, to: `${prefix.slice(0, -1)}0`, limit });
    return entries.map(({ key, value }) => ({ id: key.slice(prefix.length), kind: of ?? (value as TimelineKind) }));
  }
}

/** Whether an item belongs to the context or trace that a timeline is of. */
export function isIn(root: TimelineRoot, { contextId, traceId }: TimelineItem): boolean {
  if (root.kind === 'trace') return traceId === root.id;
  return root.kind === 'context' && contextId === root.id;
}

/** Where what is below something is found, and of which kind it is where the value does not say so. */
const PREFIXES: Readonly<
  Record<TimelineRoot['kind'], (id: string) => { readonly prefix: string; readonly of?: TimelineKind }[]>
> = {
  message: (id) => [{ prefix: causedPrefix(id) }],
  task: (id) => [{ prefix: causedPrefix(id) }, { prefix: TASK_KEYS.children(id), of: 'task' }],
  tool: (id) => [{ prefix: causedPrefix(id) }],
  context: (id) => [
    { prefix: contextItemPrefix(id, 'message'), of: 'message' },
    { prefix: contextItemPrefix(id, 'task'), of: 'task' },
    { prefix: contextItemPrefix(id, 'tool'), of: 'tool' },
  ],
  trace: (id) => [{ prefix: tracePrefix(id) }],
};
