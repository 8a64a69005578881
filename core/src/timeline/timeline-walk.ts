import type { TimelineItems, TimelineRoot } from './timeline-items.js';
import type { TimelineItem } from './timeline-source.js';

/** Where a walk is: below a root or an item, of whose children some were seen. */
interface Frame {
  readonly at: Pick<TimelineRoot, 'kind' | 'id'>;
  /** The entry that stands for it, or for what is above it where the reader may not see it. */
  readonly shown: string | undefined;
  /** Id of the last child seen. */
  last: string;
  ahead: { readonly id: string; readonly kind: TimelineItem['kind'] }[];
  done: boolean;
}

/** An item on the way. */
export interface Step {
  readonly item: TimelineItem;
  /** The entry that it happened because of; none for what begins the timeline. */
  readonly cause: string | undefined;
  readonly visible: boolean;
}

const AHEAD = 100;

/**
 * Goes through everything below a root: each thing after what caused it, its effects before what comes beside it. What the reader may not
 * see is passed through, so that what it caused hangs on the nearest cause that may be seen.
 */
export class TimelineWalk {
  readonly #frames: Frame[] = [];
  #begun = false;

  constructor(
    private readonly items: TimelineItems,
    private readonly root: TimelineRoot,
    private readonly sees: (item: TimelineItem) => boolean | Promise<boolean>,
    private readonly depth: number,
  ) {}

  /** The next item; undefined at the end. */
  async next(): Promise<Step | undefined> {
    if (!this.#begun) {
      this.#begun = true;
      if (this.root.kind !== 'trace') return this.#enter(this.root, undefined);
      this.#push(this.root, undefined);
    }
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) return undefined;
      const child = await this.#child(frame);
      if (child === undefined) {
        this.#frames.pop();
        continue;
      }
      const item = await this.items.find(child.kind, child.id);
      // It was forgotten a moment ago; or it is deeper than anything may be, or among its own causes, as a sender may claim.
      if (item === undefined || this.#frames.length > this.depth || this.#isOnTheWay(item)) continue;
      if (isGroup(frame.at) && !(await this.items.isTop(this.root, item))) continue;
      return this.#enter(item, frame.shown);
    }
  }

  /** Goes on from an item, whose effects come next; undefined when it is no longer known, or belongs elsewhere. */
  async resume(itemId: string): Promise<Step | undefined> {
    this.#begun = true;
    const path: TimelineItem[] = [];
    let item = await this.#named(itemId);
    for (;;) {
      if (item === undefined || path.length > this.depth) return undefined;
      path.unshift(item);
      if (item.kind === this.root.kind && item.id === this.root.id) break;
      if (isGroup(this.root) && (await this.items.isTop(this.root, item))) break;
      item = item.causeId === undefined ? undefined : await this.items.named(item.causeId);
    }
    let step: Step | undefined;
    if (path[0]?.id !== this.root.id) {
      if (this.root.kind === 'trace') this.#push(this.root, undefined);
      else step = await this.#enter(this.root, undefined);
    }
    for (const each of path) {
      const above = this.#frames.at(-1);
      if (above !== undefined) above.last = each.id;
      step = await this.#enter(each, above?.shown);
    }
    return step;
  }

  #named(id: string): Promise<TimelineItem | undefined> {
    return id === this.root.id && this.root.kind !== 'trace' ? Promise.resolve(this.root) : this.items.named(id);
  }

  async #enter(item: TimelineItem, cause: string | undefined): Promise<Step> {
    const visible = await this.sees(item);
    this.#push(item, visible ? `${item.kind}/${item.id}` : cause);
    return { item, cause, visible };
  }

  #push(at: Frame['at'], shown: string | undefined): void {
    this.#frames.push({ at: { kind: at.kind, id: at.id }, shown, last: '', ahead: [], done: false });
  }

  async #child(frame: Frame): Promise<Frame['ahead'][number] | undefined> {
    if (frame.ahead.length === 0 && !frame.done) {
      frame.ahead = await this.items.children(frame.at, frame.last, AHEAD);
      frame.done = frame.ahead.length < AHEAD;
    }
    const child = frame.ahead.shift();
    if (child !== undefined) frame.last = child.id;
    return child;
  }

  #isOnTheWay({ id, kind }: TimelineItem): boolean {
    return this.#frames.some(({ at }) => at.id === id && at.kind === kind);
  }
}

function isGroup({ kind }: Pick<TimelineRoot, 'kind'>): boolean {
  return kind === 'context' || kind === 'trace';
}
