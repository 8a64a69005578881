import type { Principal } from '../permissions/principal.js';
import type { Store } from '../store/store.js';
import { traceOf } from '../timeline/timeline-keys.js';
import type { EntriesPage, TimelineEntry, TimelineItem, TimelineSource } from '../timeline/timeline-source.js';
import { attemptsPrefix } from './failed-attempts.js';
import type { FailedAttempt } from './failed-attempts.js';
import type { Inboxes } from './inboxes.js';
import { envelopeIn, isPending, messageKey } from './message-text.js';
import type { KeptReceipt } from './receipt.js';
import type { Receipts } from './receipts.js';

/** What is known of a message, settled or not. */
interface Known extends Pick<KeptReceipt, 'receipt' | 'sender' | 'type' | 'causationId' | 'contextId' | 'traceId'> {
  readonly deliveredAt?: number | undefined;
  readonly failure?: string | undefined;
}

/** More failed deliveries than a message can have. */
const MOST_ATTEMPTS = 1000;

/** Messages as timelines tell them: each with its deliveries. */
export class MessageTimeline implements TimelineSource {
  constructor(
    private readonly store: Store,
    private readonly inboxes: Inboxes,
    private readonly receipts: Receipts,
  ) {}

  async find(id: string): Promise<TimelineItem | undefined> {
    const [found] = await this.store.getTexts([messageKey(id)]);
    if (found === undefined) return undefined;
    const known = isPending(found.text) ? pending(found.text) : (JSON.parse(found.text) as KeptReceipt);
    const { causationId, contextId, traceId, receipt, sender } = known;
    return {
      kind: 'message',
      id,
      causeId: causationId,
      contextId,
      traceId,
      isParty: (principal: Principal) => this.receipts.isParty(principal, sender, receipt.agent),
      entries: (from, limit) => this.#entries(known, from, limit),
    };
  }

  async #entries(known: Known, from: number, limit: number): Promise<EntriesPage> {
    const { messageId, state } = known.receipt;
    const prefix = attemptsPrefix(messageId);
    const { entries } = await this.store.range({ from: prefix, to: `${prefix.slice(0, -1)}0`, limit: MOST_ATTEMPTS });
    const failed = entries.map(({ value }) => failedDelivery(known, value as unknown as FailedAttempt));
    const last = state === 'settled' ? lastDelivery(known) : undefined;
    const over = [wholeOf(known, failed.length), ...failed, ...(last === undefined ? [] : [last])];
    const now = state === 'settled' ? undefined : this.#deliveryNow(known);
    const all = now === undefined ? over : [...over, now];
    // A delivery that is under way is told again once it is over.
    const next = Math.min(from + limit, over.length);
    return { entries: all.slice(from, from + limit), next, more: from + limit < all.length };
  }

  #deliveryNow({ receipt: { messageId, agent } }: Known): TimelineEntry | undefined {
    const delivery = this.inboxes.find(messageId);
    if (delivery?.deliveredAt === undefined) return undefined;
    return deliveryOf(messageId, agent, delivery.entry.attempt, delivery.deliveredAt);
  }
}

function pending(text: string): Known {
  const { id, from, to, type, causationId, contextId, traceparent, acceptedAt } = envelopeIn(text);
  const receipt = { messageId: id, agent: to, state: 'pending' as const, attempts: 0, acceptedAt };
  return { receipt, sender: from, type, causationId, contextId, traceId: traceOf(traceparent) };
}

function wholeOf({ receipt, sender, type }: Known, failed: number): TimelineEntry {
  const { messageId, agent, outcome, attempts, acceptedAt, settledAt } = receipt;
  return {
    id: `message/${messageId}`,
    kind: 'message',
    at: acceptedAt,
    ...(settledAt === undefined ? {} : { durationMs: span(Date.parse(acceptedAt), Date.parse(settledAt)) }),
    ...(outcome === undefined ? {} : { outcome }),
    principal: sender,
    agent,
    details: { type, attempts: Math.max(attempts, failed) },
  };
}

function failedDelivery({ receipt: { messageId, agent } }: Known, failed: FailedAttempt): TimelineEntry {
  const { attempt, deliveredAt, endedAt, reason } = failed;
  const over = { durationMs: span(deliveredAt, endedAt), outcome: 'failed', details: { reason } };
  return { ...deliveryOf(messageId, agent, attempt, deliveredAt), ...over };
}

/** The delivery that settled it; none where it was settled while nobody had it. */
function lastDelivery({ receipt, deliveredAt, failure }: Known): TimelineEntry | undefined {
  const { messageId, agent, attempts, outcome, settledAt } = receipt;
  if (deliveredAt === undefined || settledAt === undefined) return undefined;
  return {
    ...deliveryOf(messageId, agent, attempts, deliveredAt),
    durationMs: span(deliveredAt, Date.parse(settledAt)),
    outcome: outcome === 'handled' ? 'handled' : 'failed',
    ...(failure === undefined ? {} : { details: { reason: failure } }),
  };
}

function deliveryOf(messageId: string, agent: string, attempt: number, deliveredAt: number): TimelineEntry {
  const id = `message/${messageId}/delivery/${String(attempt)}`;
  const at = new Date(deliveredAt).toISOString();
  return { id, cause: `message/${messageId}`, kind: 'delivery', at, agent, attempt };
}

/** Never negative: the wall clock may have been set back. */
function span(from: number, to: number): number {
  return Math.max(0, to - from);
}
