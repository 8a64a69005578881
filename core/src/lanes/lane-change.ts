import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Put } from '../store/store.js';
import type { Lane } from './lane.js';
import { entryText, LaneEntry } from './lane-entry.js';
import type { LaneItem } from './lane-entry.js';
import type { LaneKeys } from './lane-keys.js';
import type { LaneLimits } from './lane-limits.js';

/** What a change needs of the lanes it changes. */
export interface LaneGround {
  readonly keys: LaneKeys;
  readonly limits: LaneLimits;
  now(): number;
  lane(name: string): Lane;
  /** An entry that nobody may claim any more, because its time is over or its attempts are used up. */
  hold(entry: LaneEntry): void;
  /** A change of these lanes has come to its end. */
  settled(lanes: readonly Lane[]): void;
}

/** The part of a commit that lanes are changed with. */
export interface LaneWrites {
  readonly puts: Put[];
  readonly deletes: string[];
}

/** What giving an item back changes of it. */
type Released = Pick<LaneEntry, 'notBefore' | 'suspect' | 'maxAttempts'>;

/** How an item is given back: `lost` with whoever had it, or `interrupted` through no fault of theirs, which counts for nothing. */
export type Return = 'lost' | 'interrupted';

type Step =
  | { readonly kind: 'add'; readonly entry: LaneEntry }
  | { readonly kind: 'claim'; readonly entry: LaneEntry; readonly added: boolean }
  | { readonly kind: 'release'; readonly entry: LaneEntry; readonly before: Released }
  | { readonly kind: 'settle'; readonly entry: LaneEntry; readonly state: 'claimed' | 'held' };

/**
 * One change of lanes, planned in memory and put on disk with one commit. It is planned and handed to the store within one turn, so that
 * the changes of a lane reach the disk in the order in which they were planned.
 */
export class LaneChange {
  readonly #steps: Step[] = [];
  readonly #lanes: Lane[] = [];

  constructor(private readonly ground: LaneGround) {}

  /**
   * Puts an item at the end of its lane.
   *
   * @param name of the lane; without a `/`
   * @throws OrchestratorError `inbox_full` when the lane is at its bound of items or bytes
   */
  add(name: string, item: LaneItem): LaneEntry {
    const { limits } = this.ground;
    const lane = this.ground.lane(name);
    if (lane.count >= limits.items) throw full(name, 'items', limits.items);
    if (lane.count > 0 && lane.bytes + item.bytes > limits.bytes) throw full(name, 'bytes', limits.bytes);
    const { id, priority, bytes, maxAttempts, expiresAt } = item;
    const entry = new LaneEntry(lane, lane.next++, id, priority, bytes, maxAttempts, expiresAt);
    entry.notBefore = item.notBefore;
    lane.count++;
    lane.bytes += bytes;
    lane.arriving++;
    lane.known.set(entry.sequence, entry);
    this.#step({ kind: 'add', entry });
    return entry;
  }

  /**
   * Claims the item of a lane whose turn it is; `undefined` when memory knows of none. Of one that was just added, when it is the only one.
   *
   * @param fits whether the item may be claimed now; if not, none is
   */
  claim(name: string, fits?: (entry: LaneEntry) => boolean): LaneEntry | undefined {
    const lane = this.ground.lane(name);
    const now = this.ground.now();
    for (let entry = lane.first; entry !== undefined; entry = lane.first) {
      if (isOver(entry, now)) {
        lane.withdraw(entry);
        this.ground.hold(entry);
        continue;
      }
      if (fits?.(entry) === false) return undefined;
      lane.withdraw(entry);
      lane.countClaim();
      this.#claim(entry, false);
      return entry;
    }
    const last = this.#steps.at(-1);
    if (last?.kind !== 'add' || last.entry.lane !== lane || !this.#alone(last.entry)) return undefined;
    lane.arriving--;
    this.#claim(last.entry, true);
    return last.entry;
  }

  /** Gives a claimed item back: at once, or not before a time (wall-clock ms). */
  release(entry: LaneEntry, notBefore?: number, how?: Return): void {
    expectState(entry, 'claimed');
    const { suspect, maxAttempts } = entry;
    this.#step({ kind: 'release', entry, before: { notBefore: entry.notBefore, suspect, maxAttempts } });
    entry.notBefore = notBefore;
    if (how === 'lost') entry.suspect = true;
    // Its number is used up, but not one of those that it may have.
    if (how === 'interrupted' && maxAttempts !== undefined) entry.maxAttempts = maxAttempts + 1;
  }

  /** Takes an item out of its lane for good; it must be claimed or held. */
  settle(entry: LaneEntry): void {
    const { state } = entry;
    if (state !== 'held') expectState(entry, 'claimed');
    this.#step({ kind: 'settle', entry, state: state === 'held' ? 'held' : 'claimed' });
    entry.lane.count--;
    entry.lane.bytes -= entry.bytes;
  }

  /** What is to be committed, in this turn. Nothing is planned after it. */
  get writes(): LaneWrites {
    const puts: Put[] = [];
    const deletes: string[] = [];
    const { keys } = this.ground;
    const written = new Set<LaneEntry>();
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { kind, entry } = this.#steps[i] as Step;
      if (written.has(entry)) continue;
      const { lane, priority, sequence, expiresAt } = entry;
      const key = keys.entry(lane.name, priority, sequence);
      if (kind === 'settle') {
        deletes.push(key);
        if (expiresAt !== undefined) deletes.push(keys.expiryOf(entry, expiresAt));
        continue;
      }
      written.add(entry);
      puts.push({ key, text: entryText(entry) });
      if (expiresAt !== undefined && this.#adds(entry))
        puts.push({ key: keys.expiryOf(entry, expiresAt), text: 'null' });
    }
    for (const { name, next, count, bytes } of this.#lanes) {
      const text = `{"next":${String(next)},"count":${String(count)},"bytes":${String(bytes)}}`;
      puts.push({ key: keys.head(name), text });
    }
    return { puts, deletes };
  }

  /** It is on disk. */
  done(): void {
    for (const step of this.#steps) {
      const { entry } = step;
      const { lane } = entry;
      entry.changing = false;
      if (step.kind === 'settle') lane.remove(entry);
      else if (step.kind === 'release') lane.wait(entry);
      else if (step.kind === 'add' && entry.state === 'queued') {
        lane.arriving--;
        lane.arrived(entry);
      }
    }
    this.#end(true);
  }

  /** It is not on disk and never will be: everything is as if it had not been planned. */
  failed(): void {
    for (const step of this.#steps.toReversed()) {
      const { entry } = step;
      const { lane } = entry;
      entry.changing = false;
      switch (step.kind) {
        case 'add':
          lane.count--;
          lane.bytes -= entry.bytes;
          lane.arriving--;
          lane.known.delete(entry.sequence);
          entry.state = 'gone';
          break;
        case 'claim':
          entry.attempt--;
          if (step.added) {
            entry.state = 'queued';
            lane.arriving++;
          } else lane.wait(entry);
          break;
        case 'release':
          Object.assign(entry, step.before);
          break;
        case 'settle':
          lane.count++;
          lane.bytes += entry.bytes;
      }
    }
    this.#end(false);
  }

  #end(committed: boolean): void {
    for (const lane of this.#lanes) {
      lane.changing--;
      // Later changes may have written heads that count this one.
      if (!committed) lane.headIsOff = true;
    }
    this.ground.settled(this.#lanes);
  }

  #claim(entry: LaneEntry, added: boolean): void {
    entry.state = 'claimed';
    entry.attempt++;
    entry.notBefore = undefined;
    this.#step({ kind: 'claim', entry, added });
  }

  /** Whether nothing comes before an entry that this change adds. */
  #alone(entry: LaneEntry): boolean {
    const { lane } = entry;
    return lane.watched && entry.notBefore === undefined && lane.arriving === 1 && !lane.hasWaiting;
  }

  #adds(entry: LaneEntry): boolean {
    return this.#steps.some((step) => step.kind === 'add' && step.entry === entry);
  }

  #step(step: Step): void {
    const { entry } = step;
    const { lane } = entry;
    if (entry.changing && !this.#steps.some((mine) => mine.entry === entry)) {
      throw new Error(`item ${entry.id} of lane ${lane.name} is being changed`);
    }
    entry.changing = true;
    this.#steps.push(step);
    if (this.#lanes.includes(lane)) return;
    this.#lanes.push(lane);
    lane.changing++;
  }
}

/** Whether nobody may claim an entry any more. */
export function isOver(entry: LaneEntry, now: number): boolean {
  return (entry.expiresAt ?? Infinity) <= now || entry.attempt >= (entry.maxAttempts ?? Infinity);
}

function expectState(entry: LaneEntry, state: 'claimed'): void {
  if (entry.state !== state)
    throw new Error(`item ${entry.id} of lane ${entry.lane.name} is ${entry.state}, not ${state}`);
}

function full(lane: string, what: 'items' | 'bytes', limit: number): OrchestratorError {
  return new OrchestratorError('inbox_full', `${lane} is at its bound of ${String(limit)} ${what}`, {
    lane,
    limit: { [what]: limit },
  });
}
