import { PRIORITIES } from './lane-entry.js';
import type { LaneEntry, LanePosition } from './lane-entry.js';
import type { LaneLimits } from './lane-limits.js';
import { ReadyQueue } from './ready-queue.js';

/** What is stored of a lane as a whole, put with each commit that touches it. */
export interface LaneHead {
  /** Sequence of the next item; never given out twice. */
  readonly next: number;
  readonly count: number;
  readonly bytes: number;
}

/** What of one priority is in memory and ready, and what is only on disk. */
class Shelf {
  readonly ready = new ReadyQueue();
  /** Where the next look at the disk begins. */
  cursor = 1;
  /** Highest sequence that may be on disk and not in memory. */
  unread = 0;
  /** Highest sequence that went to the disk only since the last look began. */
  spilled = 0;

  get hasMore(): boolean {
    return this.unread >= this.cursor;
  }
}

/**
 * What memory knows of one lane. A lane that nobody watches is its head and the entries that somebody has; one that is watched also has
 * the entries to be claimed next, and those whose time is near.
 */
export class Lane {
  next: number;
  count: number;
  bytes: number;
  /** Changes on their way to the disk. */
  changing = 0;
  /** Added by changes on their way, not claimed by them: they come before whatever is added later. */
  arriving = 0;
  /** The stored head may say otherwise: a change failed after a later one was planned. */
  headIsOff = false;
  /** The head was read from disk and not yet compared with the entries: it is off if the power went right after a refused commit. */
  unproved = true;
  /** A look at what comes next is under way. */
  loading = false;
  /** Who waits for the end of that look. */
  lookers: (() => void)[] = [];
  /** Reads of entries under way. */
  #reads = 0;
  /** Entries that left while reads were under way, which may still see them as they were. */
  readonly #left = new Set<number>();
  /** Rises when everything on disk is to be looked at again. */
  #looks = 0;
  /** Entries that memory knows, by sequence. */
  readonly known = new Map<number, LaneEntry>();
  readonly delayed = new Set<LaneEntry>();
  /** When delayed entries that memory does not keep have to be looked for, wall-clock ms. */
  lookAgainAt: number | undefined;
  #shelves: readonly Shelf[] = [];
  #claims = 0;

  constructor(
    readonly name: string,
    head: LaneHead,
    private readonly limits: LaneLimits,
  ) {
    this.next = head.next;
    this.count = head.count;
    this.bytes = head.bytes;
  }

  /** Whether somebody claims from it. */
  get watched(): boolean {
    return this.#shelves.length > 0;
  }

  get head(): LaneHead {
    return { next: this.next, count: this.count, bytes: this.bytes };
  }

  /** Entries that are ready in memory. */
  get readyCount(): number {
    let size = 0;
    for (const shelf of this.#shelves) size += shelf.ready.size;
    return size;
  }

  /** The highest priority of which there may be more on disk, as long as memory has few of it. */
  get wanted(): number | undefined {
    for (let priority = PRIORITIES - 1; priority >= 0; priority--) {
      const shelf = this.#shelves[priority];
      if (shelf?.hasMore === true && shelf.ready.size * 2 < this.limits.loadedItems) return priority;
    }
    return undefined;
  }

  /**
   * Reads entries on disk without taking what leaves meanwhile for being there.
   *
   * @param take what takes the answer in, at once; {@link Lane.isKnown} says what of it to leave out
   */
  async reading<T, R>(read: () => Promise<T>, take: (found: T) => R): Promise<R> {
    this.#reads++;
    try {
      return take(await read());
    } finally {
      if (--this.#reads === 0) this.#left.clear();
    }
  }

  /** Whether what was read of a sequence is not what is to be known of it. */
  isKnown(sequence: number): boolean {
    return this.known.has(sequence) || this.#left.has(sequence);
  }

  /**
   * A look at what is on disk from one priority down; answers where it begins, and what takes in a page of entries in order.
   *
   * @param priority one that the lane {@link wanted}
   */
  look(priority: number): {
    readonly from: number;
    /** @param next where the page after it begins; `undefined` when there is none */
    readonly found: (entries: readonly LaneEntry[], next: LanePosition | undefined) => void;
  } {
    const looks = this.#looks;
    const shelves = this.#shelves.slice(0, priority + 1);
    for (const shelf of shelves) shelf.spilled = 0;
    return {
      from: shelves[priority]?.cursor ?? 1,
      found: (entries, next) => {
        if (looks !== this.#looks) return;
        for (const entry of entries) {
          if (!this.isKnown(entry.sequence)) this.wait(entry);
          const shelf = shelves[entry.priority];
          if (shelf !== undefined) shelf.cursor = Math.max(shelf.cursor, entry.sequence + 1);
        }
        // Those that the page reached the end of.
        for (const shelf of shelves.slice((next?.priority ?? -1) + 1)) {
          shelf.unread = Math.max(shelf.spilled, shelf.cursor - 1);
        }
      },
    };
  }

  /** Is watched from now on. Everything on disk is still to be looked at, and what memory knows is left out then. */
  lookAtAll(): void {
    this.lookAgainAt = undefined;
    this.#looks++;
    if (!this.watched) this.#shelves = Array.from({ length: PRIORITIES }, () => new Shelf());
    for (const shelf of this.#shelves) {
      shelf.cursor = 1;
      shelf.unread = this.next - 1;
    }
  }

  /** Forgets what is only waiting. */
  unwatch(): void {
    this.#looks++;
    this.lookAgainAt = undefined;
    for (const shelf of this.#shelves) for (const entry of shelf.ready.values()) this.#forget(entry);
    for (const entry of this.delayed) this.#forget(entry);
    this.#shelves = [];
    this.delayed.clear();
  }

  /** An added entry begins to wait: in memory if there is room and nothing on disk comes before it, else on disk only. */
  arrived(entry: LaneEntry): void {
    const shelf = this.#shelves[entry.priority];
    if (shelf === undefined || shelf.hasMore || this.readyCount >= this.limits.loadedItems) {
      this.#forget(entry);
      if (shelf === undefined) return;
      shelf.unread = Math.max(shelf.unread, entry.sequence);
      shelf.spilled = Math.max(shelf.spilled, entry.sequence);
      shelf.cursor = Math.min(shelf.cursor, entry.sequence);
    } else {
      shelf.cursor = Math.max(shelf.cursor, entry.sequence + 1);
      this.wait(entry);
    }
  }

  /** An entry waits again, or was found on disk. */
  wait(entry: LaneEntry): void {
    const shelf = this.#shelves[entry.priority];
    if (shelf === undefined) {
      this.#forget(entry);
      return;
    }
    this.known.set(entry.sequence, entry);
    if (entry.notBefore === undefined) {
      entry.state = 'queued';
      shelf.ready.add(entry);
    } else if (this.delayed.size < this.limits.delayedItems) {
      entry.state = 'delayed';
      this.delayed.add(entry);
    } else {
      this.#leave(entry);
      this.lookAgainAt = Math.min(this.lookAgainAt ?? Infinity, entry.notBefore);
    }
  }

  /** Takes an entry out of those that wait. */
  withdraw(entry: LaneEntry): void {
    if (entry.state === 'queued') this.#shelves[entry.priority]?.ready.remove(entry);
    else if (entry.state === 'delayed') this.delayed.delete(entry);
  }

  /** The entry is no more. */
  remove(entry: LaneEntry): void {
    entry.state = 'gone';
    this.#leave(entry);
  }

  /**
   * The entry whose turn it is: the first of the highest priority, or from time to time the oldest of all. `undefined` when there is
   * none in memory, or when there may be one on disk that goes before.
   */
  get first(): LaneEntry | undefined {
    const byAge = this.#claims % (this.limits.claimsByPriority + 1) === this.limits.claimsByPriority;
    let chosen: LaneEntry | undefined;
    for (let priority = PRIORITIES - 1; priority >= 0; priority--) {
      const shelf = this.#shelves[priority];
      if (shelf === undefined) continue;
      const { front } = shelf.ready;
      if (front === undefined) {
        if (shelf.hasMore) return undefined;
        continue;
      }
      if (!byAge) return front;
      if (chosen === undefined || front.sequence < chosen.sequence) chosen = front;
    }
    return chosen;
  }

  /** Whether anything waits to be claimed now, in memory or perhaps on disk. */
  get hasWaiting(): boolean {
    return this.#shelves.some((shelf) => shelf.hasMore || shelf.ready.size > 0);
  }

  /** Whether memory knows every entry and no change is under way, so that the head can be compared with them. */
  get whole(): boolean {
    if (!this.watched || this.changing > 0 || this.lookAgainAt !== undefined) return false;
    return !this.#shelves.some((shelf) => shelf.hasMore);
  }

  /** Whether there is nothing in it, nor anybody who is about to change, read or look at it. */
  get idle(): boolean {
    const busy = this.changing > 0 || this.arriving > 0 || this.loading || this.#reads > 0 || this.headIsOff;
    return !busy && this.count === 0 && this.known.size === 0;
  }

  /** A claim was made; which one is by age depends on how many there were. */
  countClaim(): void {
    this.#claims++;
  }

  #leave(entry: LaneEntry): void {
    this.#forget(entry);
    if (this.#reads > 0) this.#left.add(entry.sequence);
  }

  /** The disk has it as it is. */
  #forget(entry: LaneEntry): void {
    this.known.delete(entry.sequence);
  }
}
