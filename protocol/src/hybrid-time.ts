/**
 * A moment of a hybrid logical clock as text that sorts in time order: 12 hexadecimal digits of milliseconds since 1970, 4 of a count
 * within the millisecond, 16 that name the replica, with `-` between them. No two writes have the same.
 */
export type HybridTime = string;

/** The form of a {@link HybridTime}. */
export const HYBRID_TIME = '^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{16}$';
/** The form of a replica's name. */
export const REPLICA_ID = '^[0-9a-f]{16}$';

const LAST_COUNT = 0xffff;

/** The milliseconds since 1970 in a time. */
export function millisecondsOf(time: HybridTime): number {
  return Number.parseInt(time.slice(0, 12), 16);
}

/** The replica that made a time. */
export function replicaOf(time: HybridTime): string {
  return time.slice(18);
}

/** The last time of the same replica before one. */
export function timeBefore(time: HybridTime): HybridTime {
  const count = countOf(time);
  const [ms, last] = count > 0 ? [millisecondsOf(time), count - 1] : [millisecondsOf(time) - 1, LAST_COUNT];
  return `${hex(Math.max(0, ms), 12)}-${hex(last, 4)}-${replicaOf(time)}`;
}

/**
 * A hybrid logical clock [Kulkarni et al. 2014]: its times rise also when the wall clock goes back, and are later than every time that
 * it has observed. It runs ahead of the wall clock by no more than a bound, whatever it is shown.
 */
export class HybridClock {
  readonly #replica: string;
  readonly #now: () => number;
  readonly #maxAheadMs: number;
  #ms = 0;
  #count = 0;
  #printedMs = -1;
  #printed = '';

  /**
   * @param replica 16 hexadecimal digits, of this clock alone
   * @param now wall clock, milliseconds since 1970
   * @param maxAheadMs how far ahead of the wall clock a time may be that is observed
   */
  constructor(replica: string, now: () => number, maxAheadMs = 60_000) {
    this.#replica = replica;
    this.#now = now;
    this.#maxAheadMs = maxAheadMs;
  }

  /** A time that is later than every one before it. */
  next(): HybridTime {
    const now = Math.max(0, Math.floor(this.#now()));
    if (now > this.#ms) {
      this.#ms = now;
      this.#count = 0;
    } else if (this.#count < LAST_COUNT) {
      this.#count++;
    } else {
      this.#ms++;
      this.#count = 0;
    }
    if (this.#ms !== this.#printedMs) {
      this.#printedMs = this.#ms;
      this.#printed = hex(this.#ms, 12);
    }
    return `${this.#printed}-${hex(this.#count, 4)}-${this.#replica}`;
  }

  /** Takes note of a time of another replica. One that is too far ahead is not taken, and answered with false. */
  observe(time: HybridTime): boolean {
    const ms = millisecondsOf(time);
    if (ms > this.#now() + this.#maxAheadMs) return false;
    const count = countOf(time);
    if (ms > this.#ms || (ms === this.#ms && count > this.#count)) {
      this.#ms = ms;
      this.#count = count;
    }
    return true;
  }
}

function countOf(time: HybridTime): number {
  return Number.parseInt(time.slice(13, 17), 16);
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}
