import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer, Timers } from '../host/time.js';

/** Turns of the event loop that what a timer began is given before time goes on. */
const TURNS_TO_REST = 10;
/** Most stops on the way of one skip, whatever its length. */
const STOPS = 200;

interface Running {
  /** Moment at which it is due. */
  at: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
  handle: ReturnType<typeof setTimeout> | undefined;
}

/** The machine's time, in which a test can skip: timers that fall due on the way run in their order. */
export class SkippingTime implements Clock, Timers {
  #skippedMs = 0;
  readonly #timers = new Set<Running>();

  now(): number {
    return Math.floor(Date.now() + this.#skippedMs);
  }

  monotonicMs(): number {
    return performance.now() + this.#skippedMs;
  }

  after(ms: number, run: () => void): Timer {
    return this.#start({ at: this.monotonicMs() + ms, everyMs: undefined, run, handle: undefined });
  }

  every(ms: number, run: () => void): Timer {
    return this.#start({ at: this.monotonicMs() + ms, everyMs: ms, run, handle: undefined });
  }

  /** Moves time on. Resolves once everything due has run and what it began had some turns of the loop. */
  async skip(ms: number): Promise<void> {
    const end = this.monotonicMs() + ms;
    for (let now = this.monotonicMs(); now < end; now = this.monotonicMs()) {
      // From one timer to the next, so that what a timer starts runs on the way too; in bounded steps however many there are.
      const step = Math.max(this.#nextAt() - now, ms / STOPS);
      this.#skippedMs += Math.min(step, end - now);
      this.#runDue();
      await settled();
    }
    await settled();
  }

  /** Ends every timer. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer.handle);
    this.#timers.clear();
  }

  #nextAt(): number {
    let next = Infinity;
    for (const { at } of this.#timers) next = Math.min(next, at);
    return next;
  }

  #start(timer: Running): Timer {
    this.#timers.add(timer);
    this.#arm(timer);
    return {
      cancel: () => {
        clearTimeout(timer.handle);
        this.#timers.delete(timer);
      },
    };
  }

  #arm(timer: Running): void {
    timer.handle = setTimeout(() => this.#fire(timer), Math.max(0, timer.at - this.monotonicMs()));
    timer.handle.unref();
  }

  #runDue(): void {
    const now = this.monotonicMs();
    const due = [...this.#timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    // An earlier one may have canceled a later one.
    for (const timer of due) if (this.#timers.has(timer)) this.#fire(timer);
  }

  #fire(timer: Running): void {
    clearTimeout(timer.handle);
    if (timer.everyMs === undefined) this.#timers.delete(timer);
    else {
      // One call for all that were missed, as a machine does that slept.
      timer.at = this.monotonicMs() + timer.everyMs;
      this.#arm(timer);
    }
    timer.run();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS_TO_REST; turn++) await nextTurn();
}
