import type { Clock, Timer, Timers } from '../host/time.js';
import type { Put, Store } from '../store/store.js';
import { Lane } from './lane.js';
import type { LaneHead } from './lane.js';
import { isOver, LaneChange } from './lane-change.js';
import type { LaneGround, LaneWrites } from './lane-change.js';
import { entryFrom, PRIORITIES } from './lane-entry.js';
import type { LaneEntry, LanePlace, LanePosition } from './lane-entry.js';
import { LaneKeys } from './lane-keys.js';
import { LANE_LIMITS } from './lane-limits.js';
import type { LaneLimits } from './lane-limits.js';
import { listLane } from './lane-listing.js';
import type { ListedEntry } from './lane-listing.js';

const PAGE = 100;
const HEADS_PAGE = 1000;
/** Timers hold no more than 31 bits of milliseconds. */
const LONGEST_WAIT_MS = 86_400_000;
const NO_HEAD: LaneHead = { next: 1, count: 0, bytes: 0 };

/** What lanes tell whoever uses them. */
export interface LaneListener {
  /** A watched lane may have something to claim that it did not have before. */
  ready(lane: string): void;
  /**
   * Nobody may claim this entry any more; it is `held` and has to be settled.
   *
   * @param why its time is over, or it was claimed as often as it may be
   */
  over(entry: LaneEntry, why: 'expired' | 'exhausted'): Promise<void>;
  /** A read or a commit that nobody waits for failed; it is tried again. */
  failed(error: unknown): void;
}

/** What a lane is worth knowing of. */
export interface LaneStatus {
  readonly count: number;
  readonly bytes: number;
  /** Entries that somebody has. */
  readonly claimed: number;
}

/**
 * Durable queues: many lanes in one space, each in order of priority and then of arrival, bounded in items and bytes. Items are claimed,
 * then settled or released, in commits that their user completes with what the items are about. Whatever was acknowledged is there after
 * a restart; what was claimed then waits again, its attempts counted. Memory holds little more than what is claimed or about to be:
 * start-up reads one record a lane.
 */
export class Lanes implements LaneGround {
  readonly keys: LaneKeys;
  readonly limits: LaneLimits;
  readonly #lanes = new Map<string, Lane>();
  readonly #timers = new Map<Lane, Timer>();
  #sweeping: Promise<void> = Promise.resolve();
  #stopped = false;
  /** First sequence of a new lane: those of lanes that were dropped are not given out again, as somebody may still know them. */
  #first = NO_HEAD.next;

  /** @param space a prefix for all its keys; without a `/` */
  constructor(
    space: string,
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly listener: LaneListener,
    limits: Partial<LaneLimits> = {},
  ) {
    this.keys = new LaneKeys(space);
    this.limits = { ...LANE_LIMITS, ...limits };
  }

  /** Reads how full each lane is, and begins to look for items whose time is over; answers how to stop. */
  async start(): Promise<() => Promise<void>> {
    for (let from: string | undefined = this.keys.heads; from !== undefined;) {
      const page = await this.store.range({ from, to: this.keys.headsEnd, limit: HEADS_PAGE });
      for (const { key, value } of page.entries) {
        const name = key.slice(this.keys.heads.length);
        this.#lanes.set(name, new Lane(name, value as unknown as LaneHead, this.limits));
      }
      from = page.next;
    }
    const timer = this.timers.every(this.limits.sweepMs, () => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch((error: unknown) => this.listener.failed(error));
    });
    return async () => {
      this.#stopped = true;
      timer.cancel();
      for (const each of this.#timers.values()) each.cancel();
      await this.#sweeping;
    };
  }

  /** Items of all lanes. */
  get items(): number {
    let items = 0;
    for (const lane of this.#lanes.values()) items += lane.count;
    return items;
  }

  /** Bytes of all lanes. */
  get bytes(): number {
    let bytes = 0;
    for (const lane of this.#lanes.values()) bytes += lane.bytes;
    return bytes;
  }

  /** Items of a lane. */
  countOf(name: string): number {
    return this.#lanes.get(name)?.count ?? 0;
  }

  /** Bytes of a lane. */
  bytesOf(name: string): number {
    return this.#lanes.get(name)?.bytes ?? 0;
  }

  /** Whether a lane takes no more items. */
  isFull(name: string): boolean {
    const lane = this.#lanes.get(name);
    return lane !== undefined && (lane.count >= this.limits.items || lane.bytes >= this.limits.bytes);
  }

  status(name: string): LaneStatus {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return { count: 0, bytes: 0, claimed: 0 };
    let claimed = 0;
    for (const entry of lane.known.values()) if (entry.state === 'claimed') claimed++;
    return { count: lane.count, bytes: lane.bytes, claimed };
  }

  /** A page of a lane's entries in the order in which they would be claimed. */
  list(name: string, limit: number, after?: LanePlace): Promise<{ entries: ListedEntry[]; more: boolean }> {
    return listLane(this.store, this.keys, this.lane(name), this.clock.now(), limit, after);
  }

  /** Begins to read a lane ahead, and to say when there is something to claim. */
  watch(name: string): void {
    const lane = this.lane(name);
    if (lane.watched) return;
    lane.lookAtAll();
    this.#load(lane);
  }

  /** Resolves once memory knows what is to be claimed next of a watched lane, or that there is nothing. */
  async looked(name: string): Promise<void> {
    const lane = this.lane(name);
    while (lane.loading || lane.wanted !== undefined) {
      if (this.#stopped) return;
      await new Promise<void>((resolve) => lane.lookers.push(resolve));
    }
  }

  /** Nobody claims from the lane for now. */
  unwatch(name: string): void {
    const lane = this.#lanes.get(name);
    lane?.unwatch();
    if (lane !== undefined) this.#timers.get(lane)?.cancel();
  }

  /** Finds out whether a lane has no items on disk, which its head may say wrongly after a power cut, and so that it may be dropped. */
  async proveEmpty(name: string): Promise<void> {
    const lane = this.#lanes.get(name);
    if (lane?.idle !== true) return;
    const from = this.keys.entry(name, PRIORITIES - 1, 0);
    const { entries } = await this.store.range({ from, to: this.keys.laneEnd(name), limit: 1 });
    if (entries.length === 0 && this.#lanes.get(name)?.idle === true) lane.unproved = false;
  }

  /**
   * Forgets a lane for which nothing is to come, if it is certain that it is empty, and nobody claims from it any more.
   *
   * @returns the key of its head, which the caller deletes; `undefined` if the lane stays
   */
  drop(name: string): string | undefined {
    const lane = this.lane(name);
    if (!lane.idle || lane.unproved) return undefined;
    this.unwatch(name);
    this.#timers.delete(lane);
    this.#lanes.delete(name);
    this.#first = Math.max(this.#first, lane.next);
    return this.keys.head(name);
  }

  /** Begins to plan a change; its user hands {@link LaneChange.writes} to the store in the same turn and says then how it went. */
  change(): LaneChange {
    return new LaneChange(this);
  }

  /**
   * Plans a change, commits it and tells it how that went.
   *
   * @param plan what is changed; without an await
   * @param commit commits the lanes' writes together with the user's own; without an await before it
   */
  async run<P, T>(plan: (change: LaneChange) => P, commit: (writes: LaneWrites, planned: P) => Promise<T>): Promise<T> {
    const change = this.change();
    try {
      const planned = plan(change);
      const result = await commit(change.writes, planned);
      change.done();
      return result;
    } catch (error) {
      change.failed();
      throw error;
    }
  }

  /**
   * Takes an item that waits, wherever it is, so that nobody claims it: it is `held` until it is settled. `undefined` when it is no
   * more, or somebody has it.
   */
  async take(place: LanePlace): Promise<LaneEntry | undefined> {
    const { priority, sequence } = place;
    const lane = this.lane(place.lane);
    const known = lane.known.get(sequence);
    if (known !== undefined) return held(known);
    return lane.reading(
      () => this.store.get(this.keys.entry(lane.name, priority, sequence)),
      (stored) => {
        if (stored === undefined || lane.isKnown(sequence)) return held(lane.known.get(sequence));
        const entry = entryFrom(lane, priority, sequence, stored.value);
        lane.known.set(sequence, entry);
        return held(entry);
      },
    );
  }

  /**
   * Takes the item of a watched lane whose turn it is, as {@link Lanes.take} does: for users that have to read what it is about before
   * they can commit. `undefined` when memory knows of none.
   */
  takeNext(name: string): LaneEntry | undefined {
    const lane = this.lane(name);
    const now = this.clock.now();
    for (let entry = lane.first; entry !== undefined; entry = lane.first) {
      lane.withdraw(entry);
      if (isOver(entry, now)) {
        this.hold(entry);
        continue;
      }
      entry.state = 'held';
      lane.countClaim();
      this.#load(lane);
      return entry;
    }
    return undefined;
  }

  /** How often an item was claimed; `undefined` when there is none at that place. */
  async attemptsOf(place: LanePlace): Promise<number | undefined> {
    const { priority, sequence } = place;
    const known = this.lane(place.lane).known.get(sequence);
    if (known !== undefined) return known.attempt;
    const stored = await this.store.get(this.keys.entry(place.lane, priority, sequence));
    return stored === undefined
      ? undefined
      : entryFrom(this.lane(place.lane), priority, sequence, stored.value).attempt;
  }

  /** Gives an item back that was taken and not settled. */
  putBack(entry: LaneEntry): void {
    entry.lane.wait(entry);
    this.#tell(entry.lane);
  }

  /** Finds the items whose time is over. */
  async sweep(): Promise<void> {
    const to = this.keys.expiryEnd(this.clock.now());
    for (let from: string | undefined = this.keys.expiry; from !== undefined && from < to;) {
      const page = await this.store.range({ from, to, limit: PAGE });
      await Promise.all(page.entries.map(({ key }) => this.#expire(this.keys.placeIn(key))));
      from = page.next;
    }
  }

  /** For changes. */
  now(): number {
    return this.clock.now();
  }

  /** For changes. */
  lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      this.#lanes.set(name, (lane = new Lane(name, { ...NO_HEAD, next: this.#first }, this.limits)));
      lane.unproved = false;
    }
    return lane;
  }

  /** For changes. */
  hold(entry: LaneEntry): void {
    entry.state = 'held';
    const why = entry.attempt >= (entry.maxAttempts ?? Infinity) ? 'exhausted' : 'expired';
    // After the change that met it is planned.
    queueMicrotask(() => {
      void this.#over(entry, why);
    });
  }

  /** For changes. */
  settled(lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      if (lane.headIsOff && lane.changing === 0) this.#mendHead(lane);
      if (lane.watched) this.#tell(lane);
    }
  }

  /** Reads ahead where needed, and says that there may be something to claim. */
  #tell(lane: Lane): void {
    this.#wakeLater(lane);
    this.#load(lane);
    if (lane.unproved && lane.whole) this.#compareHead(lane);
    if (lane.first !== undefined) this.listener.ready(lane.name);
  }

  #over(entry: LaneEntry, why: 'expired' | 'exhausted'): Promise<void> {
    return this.listener.over(entry, why).catch((error: unknown) => {
      // It waits again, and is met again.
      if (entry.state === 'held') entry.lane.wait(entry);
      this.listener.failed(error);
    });
  }

  async #expire(place: LanePlace): Promise<void> {
    const entry = await this.take(place);
    if (entry !== undefined) await this.#over(entry, 'expired');
  }

  #looked(lane: Lane): void {
    lane.loading = false;
    for (const looker of lane.lookers.splice(0)) looker();
  }

  /** Reads what is to be claimed next, as long as memory has little of it and the disk may have more. */
  #load(lane: Lane): void {
    const priority = lane.loading || this.#stopped ? undefined : lane.wanted;
    if (priority === undefined) return;
    lane.loading = true;
    this.#look(lane, priority).then(
      () => {
        this.#looked(lane);
        this.#tell(lane);
      },
      (error: unknown) => {
        this.#looked(lane);
        this.listener.failed(error);
        this.timers.after(this.limits.sweepMs, () => {
          this.#load(lane);
        });
      },
    );
  }

  async #look(lane: Lane, priority: number): Promise<void> {
    const { from, found } = lane.look(priority);
    const position = (key: string): LanePosition => this.keys.positionIn(lane.name, key);
    await lane.reading(
      () =>
        this.store.range({
          from: this.keys.entry(lane.name, priority, from),
          to: this.keys.laneEnd(lane.name),
          limit: this.limits.loadedItems,
        }),
      (page) => {
        const now = this.clock.now();
        const entries = page.entries.map(({ key, value }) => {
          const at = position(key);
          const entry = entryFrom(lane, at.priority, at.sequence, value);
          if ((entry.notBefore ?? Infinity) <= now) entry.notBefore = undefined;
          return entry;
        });
        found(entries, page.next === undefined ? undefined : position(page.next));
      },
    );
  }

  /** Delayed entries come back when they are due. */
  #wakeLater(lane: Lane): void {
    if (lane.delayed.size === 0 && lane.lookAgainAt === undefined) return;
    this.#timers.get(lane)?.cancel();
    this.#timers.delete(lane);
    if (this.#stopped) return;
    let next = lane.lookAgainAt ?? Infinity;
    for (const { notBefore } of lane.delayed) next = Math.min(next, notBefore ?? 0);
    if (next === Infinity) return;
    const timer = this.timers.after(Math.min(Math.max(1, next - this.clock.now()), LONGEST_WAIT_MS), () => {
      this.#timers.delete(lane);
      this.#wake(lane);
    });
    this.#timers.set(lane, timer);
  }

  #wake(lane: Lane): void {
    const now = this.clock.now();
    for (const entry of [...lane.delayed]) {
      if ((entry.notBefore ?? 0) > now || entry.changing) continue;
      lane.delayed.delete(entry);
      entry.notBefore = undefined;
      lane.wait(entry);
    }
    if ((lane.lookAgainAt ?? Infinity) <= now) lane.lookAtAll();
    this.#tell(lane);
  }

  #compareHead(lane: Lane): void {
    lane.unproved = false;
    let bytes = 0;
    for (const entry of lane.known.values()) bytes += entry.bytes;
    if (lane.count === lane.known.size && lane.bytes === bytes) return;
    lane.count = lane.known.size;
    lane.bytes = bytes;
    this.#mendHead(lane);
  }

  #mendHead(lane: Lane): void {
    lane.headIsOff = false;
    const puts: Put[] = [{ key: this.keys.head(lane.name), value: { ...lane.head } }];
    this.store.commit({ puts }).catch((error: unknown) => {
      lane.headIsOff = true;
      this.listener.failed(error);
    });
  }
}

/** The entry, held from now on; `undefined` when it does not wait. */
function held(entry: LaneEntry | undefined): LaneEntry | undefined {
  if (entry === undefined || entry.changing || (entry.state !== 'queued' && entry.state !== 'delayed'))
    return undefined;
  entry.lane.withdraw(entry);
  entry.state = 'held';
  return entry;
}
