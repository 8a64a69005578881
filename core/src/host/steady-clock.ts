import type { Clock } from './time.js';

/** How {@link SteadyClock} judges the wall clock; milliseconds. */
export interface SteadyClockLimits {
  /** What the wall clock may be off at once without being doubted. */
  readonly jumpMs: number;
  /** A wall clock that was set is believed once it has gone on from there for this long. */
  readonly believedAfterMs: number;
}

/** {@link SteadyClockLimits} unless configured. */
export const STEADY_CLOCK_LIMITS: SteadyClockLimits = { jumpMs: 60_000, believedAfterMs: 3_600_000 };

/**
 * A clock for what expires, is kept for a time, or is due: it follows the wall clock, but where that jumps it goes on by the monotonic
 * clock until the new time has held for long enough. A wrong clock that is put right again ends nothing that is kept.
 */
export class SteadyClock implements Clock {
  /** Wall clock minus monotonic clock, as believed. */
  #offset: number;
  #doubted: { readonly offset: number; readonly since: number } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: SteadyClockLimits = STEADY_CLOCK_LIMITS,
  ) {
    this.#offset = clock.now() - clock.monotonicMs();
  }

  now(): number {
    const [wall, monotonic] = [this.clock.now(), this.clock.monotonicMs()];
    const offset = wall - monotonic;
    if (this.#near(offset, this.#offset)) this.#believe(offset);
    else if (this.#doubted === undefined || !this.#near(offset, this.#doubted.offset)) {
      this.#doubted = { offset, since: monotonic };
    } else if (monotonic - this.#doubted.since >= this.limits.believedAfterMs) this.#believe(offset);
    return this.#offset === offset ? wall : Math.trunc(monotonic + this.#offset);
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  #near(a: number, b: number): boolean {
    return Math.abs(a - b) <= this.limits.jumpMs;
  }

  #believe(offset: number): void {
    this.#offset = offset;
    this.#doubted = undefined;
  }
}
