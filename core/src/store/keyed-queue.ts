import { OrchestratorError } from '@ai-orchestrator/protocol';

/** Runs the jobs of one key one after another, those of different keys side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, { readonly idle: Promise<unknown>; waiting: number }>();

  /** @param maxWaiting jobs of one key that may be running or waiting */
  constructor(private readonly maxWaiting: number) {}

  /** @throws OrchestratorError `too_many_pending` past the bound: always as a rejection, for who tries again */
  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const waiting = (before?.waiting ?? 0) + 1;
    if (waiting > this.maxWaiting) {
      const detail = `more than ${String(this.maxWaiting)} changes of ${key}`;
      return Promise.reject(new OrchestratorError('too_many_pending', detail, { limit: this.maxWaiting }));
    }
    const result = before === undefined ? job() : before.idle.then(job);
    const settled = (): void => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
      else {
        const last = this.#tails.get(key);
        if (last !== undefined) last.waiting--;
      }
    };
    const tail = { idle: result.then(settled, settled), waiting };
    this.#tails.set(key, tail);
    return result;
  }
}
