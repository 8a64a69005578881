import type { Clock } from '../host/time.js';
import type { Entry, Store } from '../store/store.js';
import { commitEffect } from '../store/commit-effect.js';
import { linkKeys } from '../timeline/timeline-keys.js';
import type { DeadLetters } from './dead-letters.js';
import { attemptKeys } from './failed-attempts.js';
import type { KeptReceipt } from './receipt.js';

const MESSAGES = 'messages/';
const MESSAGES_END = 'messages0';
const PAGE = 200;
/** Every so many sweeps the messages that were pending when they were looked at are looked at again. */
const SWEEPS_A_ROUND = 60;

/** Deletes receipts whose time is over, with all that leads to them; a dead letter goes with its own. */
export class ReceiptRetention {
  #from = MESSAGES;
  #sweeps = 0;

  /** @param keepMs from the settling on */
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly deadLetters: DeadLetters,
    private readonly keepMs: number,
  ) {}

  /** Ids rise with time: what was taken in less long ago than receipts are kept need not be looked at. */
  async sweep(): Promise<void> {
    const before = this.clock.now() - this.keepMs;
    if (++this.#sweeps % SWEEPS_A_ROUND === 0) this.#from = MESSAGES;
    for (;;) {
      const page = await this.store.range({ from: this.#from, to: MESSAGES_END, limit: PAGE });
      const old = page.entries.filter(({ key }) => timeIn(key) <= before);
      await this.#delete(old.flatMap((entry) => over(entry, before) ?? []));
      const last = old.at(-1);
      if (last !== undefined) this.#from = `${last.key}0`;
      if (old.length < PAGE) return;
    }
  }

  async #delete(receipts: readonly Over[]): Promise<void> {
    const going = receipts.flatMap(({ id, keys }) => {
      // One that is just being changed is found in the next round.
      const letter = this.deadLetters.dropping(id, 'expired');
      return letter === undefined ? [] : [{ keys, letter }];
    });
    if (going.length === 0) return;
    const commit = {
      deletes: going.flatMap(({ keys, letter }) => [...keys, ...letter.deletes]),
      events: going.flatMap(({ letter }) => letter.events),
    };
    try {
      await commitEffect(this.store, commit);
    } catch (error) {
      for (const { letter } of going) letter.failed();
      throw error;
    }
    for (const { letter } of going) letter.after();
  }
}

/** Wall-clock ms [RFC 9562 §5.7]. */
function timeIn(key: string): number {
  return Number.parseInt(
    key.slice(MESSAGES.length, MESSAGES.length + 8) + key.slice(MESSAGES.length + 9, MESSAGES.length + 13),
    16,
  );
}

/** A message whose receipt is over, and all that is kept of it beside its dead letter. */
interface Over {
  readonly id: string;
  readonly keys: readonly string[];
}

function over({ key, value }: Entry, before: number): Over | undefined {
  const { receipt, logKey, contextId, causationId, traceId, deliveredAt } = value as unknown as Partial<KeptReceipt>;
  // Without one it is a message that is not settled.
  if (receipt?.settledAt === undefined || Date.parse(receipt.settledAt) > before) return undefined;
  const id = key.slice(MESSAGES.length);
  const keys = [
    key,
    ...(logKey === undefined ? [] : [logKey]),
    ...linkKeys({ kind: 'message', id, causationId, traceId }),
    // The delivery that settled it is in the receipt itself.
    ...attemptKeys(id, deliveredAt === undefined ? receipt.attempts : receipt.attempts - 1),
    ...(contextId === undefined ? [] : [`context-items/${contextId}/message/${id}`]),
  ];
  return { id, keys };
}
