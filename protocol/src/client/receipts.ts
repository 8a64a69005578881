import { backoffMs } from './backoff.js';
import { ConnectionError } from './connection-error.js';
import { persist, type Persistence } from './persist.js';
import type { Calls } from './calls.js';
import type { Receipt } from './sent.js';

/** A closed client refuses its calls, which ends the waiting. */
const NEVER = new AbortController().signal;

/** Receipts that somebody waits for: each is asked for again with growing pauses, until it is settled. */
export class Receipts {
  readonly #calls: Calls;
  readonly #how: Persistence;
  #awaited = 0;

  constructor(calls: Calls, how: Persistence) {
    this.#calls = calls;
    this.#how = how;
  }

  /**
   * Resolves once the message is settled.
   *
   * @throws OrchestratorError `not_found` when its receipt is no longer kept
   * @throws ConnectionError `too_many_calls` past the client's bound, `closed`
   */
  async of(messageId: string): Promise<Receipt> {
    const { limits, random, time } = this.#how;
    if (this.#awaited >= limits.maxAwaitedReceipts) {
      throw new ConnectionError('too_many_calls', `${limits.maxAwaitedReceipts} receipts are awaited`);
    }
    this.#awaited += 1;
    try {
      for (let looks = 1; ; looks += 1) {
        const read = async () => this.#calls.start('message.receipt', { messageId }, { ofWork: true });
        const receipt = (await persist(read, NEVER, this.#how)) as Receipt;
        if (receipt.state === 'settled') return receipt;
        await new Promise<void>((resolve) => time.after(backoffMs(looks, random, limits), resolve));
      }
    } finally {
      this.#awaited -= 1;
    }
  }
}
