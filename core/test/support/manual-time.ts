import type { Clock, Timer, Timers } from '../../src/host/time.js';

/** Time that stands still until the test moves it. */
export class ManualTime implements Clock, Timers {
  #monotonic = 0;
  readonly #timers = new Set<{ at: number; everyMs: number | undefined; run: () => void }>();

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#monotonic;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): Timer {
    return this.#add(ms, undefined, run);
  }

  every(ms: number, run: () => void): Timer {
    return this.#add(ms, ms, run);
  }

  /** Moves time on and runs what is due, then lets what that began come to rest. */
  async advance(ms: number): Promise<void> {
    this.#monotonic += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#monotonic) continue;
      if (timer.everyMs === undefined) this.#timers.delete(timer);
      else timer.at = this.#monotonic + timer.everyMs;
      timer.run();
    }
    await settled();
  }

  #add(ms: number, everyMs: number | undefined, run: () => void): Timer {
    const timer = { at: this.#monotonic + ms, everyMs, run };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }
}

/** Resolves once the promises that are under way have settled; nothing in these tests waits for the outside. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
