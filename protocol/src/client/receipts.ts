import { ConnectionError } from './connection-error.js';
import { isPassing } from './passing.js';
import { persist, type Persistence } from './persist.js';
import type { Calls } from './calls.js';
import type { Receipt } from './sent.js';
import { Slots } from './slots.js';
import type { Subscriptions } from './subscriptions.js';

/** A closed client refuses its calls, which ends the waiting. */
const NEVER = new AbortController().signal;
/** Receipts that are asked for at a time. */
const LOOKS = 16;

interface Awaited {
  readonly receipt: Promise<Receipt>;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Receipts that somebody waits for. One subscription brings them; each is asked for once besides, since it may have come to be before
 * that was there.
 */
export class Receipts {
  readonly #calls: Calls;
  readonly #subscriptions: Subscriptions;
  readonly #how: Persistence;
  readonly #awaited = new Map<string, Awaited>();
  readonly #looks: Slots;
  #following = false;
  #followed = false;

  constructor(calls: Calls, subscriptions: Subscriptions, how: Persistence) {
    this.#calls = calls;
    this.#subscriptions = subscriptions;
    this.#how = how;
    this.#looks = new Slots(LOOKS, how.limits.maxAwaitedReceipts);
  }

  /**
   * Resolves once the message is settled.
   *
   * @throws OrchestratorError `not_found` when its receipt is no longer kept
   * @throws ConnectionError `too_many_calls` past the client's bound, `closed`
   */
  async of(messageId: string): Promise<Receipt> {
    const { maxAwaitedReceipts } = this.#how.limits;
    const known = this.#awaited.get(messageId);
    if (known) return known.receipt;
    if (this.#awaited.size >= maxAwaitedReceipts) {
      throw new ConnectionError('too_many_calls', `${maxAwaitedReceipts} receipts are awaited`);
    }
    let settle: Omit<Awaited, 'receipt'> | undefined;
    const receipt = new Promise<Receipt>((resolve, reject) => (settle = { resolve, reject }));
    if (settle) this.#awaited.set(messageId, { receipt, ...settle });
    if (!this.#following) void this.#follow();
    else if (this.#followed) void this.#look(messageId);
    return receipt;
  }

  /** Takes what comes for as long as somebody waits; a receipt that nobody waits for any more ends it. */
  async #follow(): Promise<void> {
    this.#following = true;
    try {
      while (this.#awaited.size > 0) {
        await this.#takeAll().catch((error: unknown) => this.#passed(error));
      }
    } catch (error) {
      for (const messageId of this.#awaited.keys()) this.#take(messageId)?.reject(error);
    } finally {
      this.#following = false;
    }
  }

  async #takeAll(): Promise<void> {
    const receipts = await this.#subscriptions.open<Receipt>({ method: 'message.watch', params: {} });
    this.#lookAtAll();
    this.#followed = true;
    try {
      for await (const receipt of receipts) {
        if (this.#awaited.size === 0) return;
        this.#take(receipt.messageId)?.resolve(receipt);
      }
    } finally {
      this.#followed = false;
    }
    throw new ConnectionError('closed');
  }

  /** A connection has so many subscriptions; when all are taken, what is awaited is looked at after a pause. @throws what does not pass */
  async #passed(error: unknown): Promise<void> {
    if (!isPassing(error)) throw error;
    const { limits, time } = this.#how;
    await new Promise<void>((resolve) => time.after(limits.pollMs, resolve));
    this.#lookAtAll();
  }

  #lookAtAll(): void {
    for (const messageId of this.#awaited.keys()) void this.#look(messageId);
  }

  async #look(messageId: string): Promise<void> {
    try {
      await this.#looks.run(NEVER, async () => {
        // It may have come while this waited for its turn.
        if (!this.#awaited.has(messageId)) return;
        const read = async () => this.#calls.start('message.receipt', { messageId }, { ofWork: true });
        const receipt = (await persist(read, NEVER, this.#how)) as Receipt;
        if (receipt.state === 'settled') this.#take(messageId)?.resolve(receipt);
      });
    } catch (error) {
      this.#take(messageId)?.reject(error);
    }
  }

  #take(messageId: string): Awaited | undefined {
    const awaited = this.#awaited.get(messageId);
    this.#awaited.delete(messageId);
    return awaited;
  }
}
