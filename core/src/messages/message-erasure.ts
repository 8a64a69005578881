import type { ErasedItems, ErasureSource } from '../contexts/contexts.js';
import { contextItemPrefix } from '../contexts/context-keys.js';
import type { Timers } from '../host/time.js';
import { commitEffect } from '../store/commit-effect.js';
import type { Store } from '../store/store.js';
import type { DeadLetters } from './dead-letters.js';
import { envelopeIn, isPending, messageKey } from './message-text.js';
import { keptReceiptText } from './receipt.js';
import type { KeptReceipt } from './receipt.js';
import type { Settlements } from './settlements.js';

/** Messages that are erased at once: their commits share what it costs to sync. */
const AT_ONCE = 64;
/** A message that is just being claimed or expires is looked at again after this, ms, and so often at most. */
const AGAIN_MS = 20;
const MOST_LOOKS = 500;

/** Erases the messages of a context: what is pending is canceled, and of each only that it was and how it ended is left. */
export class MessageErasure implements ErasureSource {
  readonly kind = 'message';

  constructor(
    private readonly store: Store,
    private readonly timers: Timers,
    private readonly settlements: Settlements,
    private readonly deadLetters: DeadLetters,
  ) {}

  async erase(contextId: string): Promise<ErasedItems> {
    const prefix = contextItemPrefix(contextId, 'message');
    const erased = { items: 0, bytes: 0 };
    for (let from: string | undefined = prefix; from !== undefined;) {
      const page = await this.store.range({ from, to: `${prefix.slice(0, -1)}0`, limit: AT_ONCE });
      const ids = page.entries.map(({ key }) => key.slice(prefix.length));
      for (const bytes of await Promise.all(ids.map((id) => this.#erase(id)))) {
        if (bytes === undefined) continue;
        erased.items++;
        erased.bytes += bytes;
      }
      from = page.next;
    }
    return erased;
  }

  /** Answers the bytes of its content; undefined when there is nothing left to erase. */
  async #erase(id: string): Promise<number | undefined> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const [found] = await this.store.getTexts([messageKey(id)]);
      if (found === undefined) return undefined;
      const { text } = found;
      if (isPending(text)) {
        if (await this.settlements.cancel(envelopeIn(text))) return Buffer.byteLength(text);
      } else {
        const kept = JSON.parse(text) as KeptReceipt;
        if (kept.erased === true) return undefined;
        const bytes = await this.#bare(id, kept, found.revision);
        if (bytes !== undefined) return bytes;
      }
      await new Promise<void>((resolve) => this.timers.after(AGAIN_MS, resolve));
    }
    throw new Error(`message ${id} is still being changed; it is erased later`);
  }

  /**
   * Leaves of a settled message what nobody wrote, and of its dead letter nothing; last what tells that it was erased. Answers undefined
   * when the dead letter is just being changed.
   */
  async #bare(id: string, kept: KeptReceipt, revision: number): Promise<number | undefined> {
    const { reason, correlationId, ...receipt } = kept.receipt;
    const bytes = await this.deadLetters.bytesOf(id);
    const letter = this.deadLetters.dropping(id, 'erased');
    if (letter === undefined) return undefined;
    const bare: KeptReceipt = { ...kept, receipt, erased: true };
    const key = messageKey(id);
    const commit = {
      checks: [{ key, revision }],
      puts: [{ key, text: keptReceiptText(bare) }],
      deletes: letter.deletes,
      events: letter.events,
    };
    try {
      await commitEffect(this.store, commit);
    } catch (error) {
      letter.failed();
      throw error;
    }
    letter.after();
    return bytes + (reason?.length ?? 0) + (correlationId?.length ?? 0);
  }
}
