import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { SubscriptionBatch } from '../rpc/session.js';
import type { Signals } from '../store/signals.js';
import type { Put, Store } from '../store/store.js';
import type { MessageIds } from './message-ids.js';
import { isPending, messageKey } from './message-text.js';
import type { KeptReceipt, Receipt } from './receipt.js';

const LOG = 'receipt-log/';
const MARK = 'receipts:';
const PAGE = 100;

/**
 * For each sender the messages of its own that were settled, in the order of their settling: what is put with each end, and followed
 * from any point by cursor. Places are ids that rise with time, so that what is kept no longer is known by its place.
 */
export class ReceiptLog {
  constructor(
    private readonly store: Store,
    private readonly ids: MessageIds,
    private readonly signals: Signals,
  ) {}

  /** What is put in the commit that settles a message. */
  entry(sender: string, messageId: string): Put {
    return { key: prefixOf(sender) + this.ids.next(), text: `"${messageId}"` };
  }

  /** The commit is on disk. */
  settled(sender: string): void {
    this.signals.raise(sender);
  }

  /** Where a reader begins that has no cursor: after all that is settled. */
  now(): string {
    return cursorAt(this.ids.next());
  }

  /** @throws OrchestratorError `cursor_expired` when what came after it may have been deleted, `invalid_params` for what is no cursor */
  placeIn(cursor: string, keptSince: number): string {
    const text = Buffer.from(cursor, 'base64url').toString('latin1');
    const place = text.slice(MARK.length);
    if (!text.startsWith(MARK) || place.length !== 36) {
      const issues = [{ path: '/after', message: 'must come from an earlier answer of message.watch' }];
      throw new OrchestratorError('invalid_params', '/after must come from an earlier answer', { issues });
    }
    if (timeOf(place) >= keptSince) return place;
    throw new OrchestratorError('cursor_expired', 'receipts after it are no longer kept');
  }

  /** Receipts of a sender's messages after a place, each once, as they come. */
  async *follow(sender: string, after: string, signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
    const prefix = prefixOf(sender);
    let place = after;
    while (!signal.aborted) {
      const woken = this.signals.wait(sender, signal);
      for (;;) {
        const page = await this.store.range({ from: `${prefix}${place}0`, to: endOf(prefix), limit: PAGE });
        const last = page.entries.at(-1);
        if (last === undefined) break;
        const entries = await this.#receipts(page.entries.map(({ value }) => value as string));
        place = last.key.slice(prefix.length);
        yield { entries, cursor: cursorAt(place) };
      }
      await woken;
    }
  }

  async #receipts(messageIds: readonly string[]): Promise<Receipt[]> {
    const texts = await this.store.getTexts(messageIds.map(messageKey));
    return texts.flatMap((found) =>
      found === undefined || isPending(found.text) ? [] : [(JSON.parse(found.text) as KeptReceipt).receipt],
    );
  }
}

/** When an id of ours was made, wall-clock ms [RFC 9562 §5.7]. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function prefixOf(sender: string): string {
  return `${LOG}${encodeURIComponent(sender)}/`;
}

/** The first key after all with a prefix that ends with `/`. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

function cursorAt(place: string): string {
  return Buffer.from(MARK + place).toString('base64url');
}
