import type { Timers } from '../host/time.js';

/** Something did not end within its time limit. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';

  constructor(readonly limitMs: number) {
    super(`did not end within ${limitMs} ms`);
  }
}

/**
 * What `work` answers, unless it takes too long.
 *
 * @param limitMs milliseconds
 * @throws TimeLimitError past the limit; `work` itself goes on, nothing can end it
 */
export async function withinLimit<T>(work: () => T | Promise<T>, limitMs: number, timers: Timers): Promise<T> {
  // Timers keep no process alive, and neither does a promise that never resolves: without this the process would end in silence.
  const alive = setInterval(() => undefined, 2 ** 30);
  let stop: () => void = () => undefined;
  try {
    const limit = new Promise<never>((_, reject) => {
      const timer = timers.after(limitMs, () => reject(new TimeLimitError(limitMs)));
      stop = () => timer.cancel();
    });
    return await Promise.race([Promise.resolve().then(work), limit]);
  } finally {
    stop();
    clearInterval(alive);
  }
}
