import { OrchestratorError } from '@ai-orchestrator/protocol';

/**
 * Wakes readers that have read to the end of something, when more was written. It carries nothing: who is woken reads again, so a
 * raise too many does no harm. A reader that must miss nothing calls `wait` before it reads and awaits it after.
 */
export class Signals {
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;

  /** @param maxWaiting readers that may wait, of all keys together */
  constructor(private readonly maxWaiting: number) {}

  /** Readers that wait now. */
  get waiting(): number {
    return this.#count;
  }

  /**
   * Resolves at the next `raise` of the key, or when the signal aborts.
   *
   * @throws OrchestratorError `too_many_pending` past the bound
   */
  wait(key: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    if (this.#count >= this.maxWaiting) {
      throw new OrchestratorError('too_many_pending', `at most ${String(this.maxWaiting)} readers may wait`, {
        limit: this.maxWaiting,
      });
    }
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set();
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        if (waiting.delete(wake)) this.#count--;
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
        resolve();
      };
      waiting.add(wake);
      this.#waiting.set(key, waiting);
      this.#count++;
      signal.addEventListener('abort', wake);
    });
  }

  /** Wakes every reader that waits for the key. */
  raise(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    for (const wake of [...waiting]) wake();
  }
}
