import { OrchestratorError } from '../error.js';

/** How much work runs at a time, and how much may wait for its turn. */
export class Slots {
  #free: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number, maxWaiting: number) {
    this.#free = slots;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs work when its turn comes; in the order of the calls.
   *
   * @param signal work whose turn comes after this aborted is not begun
   * @throws OrchestratorError `agent_unavailable` when too much waits, `canceled` when aborted while waiting
   */
  async run<T>(signal: AbortSignal, work: () => T | Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new OrchestratorError('agent_unavailable', 'it has as much work waiting as it takes');
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      if (signal.aborted) throw new OrchestratorError('canceled');
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
