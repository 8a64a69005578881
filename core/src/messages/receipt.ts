import type { deliveryMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { FailureKind } from './message-events.js';

/** What became of a message, as its sender reads it. */
export type Receipt = Static<typeof deliveryMethods.Receipt>;

/** How a message may end. */
export type Outcome = NonNullable<Receipt['outcome']>;

/** A receipt as it is kept under the message's key. */
export interface KeptReceipt {
  readonly receipt: Receipt;
  /** Principal that sent the message. */
  readonly sender: string;
  /** The delivery that settled it. */
  readonly deliveryId?: string | undefined;
  readonly contextId?: string | undefined;
  /** What timelines show of the message. */
  readonly type: string;
  readonly causationId?: string | undefined;
  readonly traceId?: string | undefined;
  /** When the delivery that settled it began, wall-clock ms. */
  readonly deliveredAt?: number | undefined;
  /** Why that delivery came to nothing. */
  readonly failure?: FailureKind | undefined;
  /** Its key in the log of its sender. */
  readonly logKey: string;
  /** What somebody wrote was taken out, with its context. */
  readonly erased?: true | undefined;
}

/** A receipt as it is stored. By hand, because every message comes to one; what may need escaping is stringified. */
export function keptReceiptText(kept: KeptReceipt): string {
  const { deliveryId, contextId, causationId, traceId, deliveredAt, failure } = kept;
  let text = `{"receipt":${receiptText(kept.receipt)},"sender":${JSON.stringify(kept.sender)}`;
  if (deliveryId !== undefined) text += `,"deliveryId":"${deliveryId}"`;
  if (contextId !== undefined) text += `,"contextId":"${contextId}"`;
  text += `,"type":"${kept.type}"`;
  if (causationId !== undefined) text += `,"causationId":"${causationId}"`;
  if (traceId !== undefined) text += `,"traceId":"${traceId}"`;
  if (deliveredAt !== undefined) text += `,"deliveredAt":${String(deliveredAt)}`;
  if (failure !== undefined) text += `,"failure":"${failure}"`;
  text += `,"logKey":${JSON.stringify(kept.logKey)}`;
  return kept.erased ? `${text},"erased":true}` : `${text}}`;
}

function receiptText(receipt: Receipt): string {
  const { outcome, settledAt, reason, correlationId } = receipt;
  let text = `{"messageId":"${receipt.messageId}","agent":"${receipt.agent}","state":"${receipt.state}"`;
  if (outcome !== undefined) text += `,"outcome":"${outcome}"`;
  text += `,"attempts":${String(receipt.attempts)},"acceptedAt":"${receipt.acceptedAt}"`;
  if (settledAt !== undefined) text += `,"settledAt":"${settledAt}"`;
  if (reason !== undefined) text += `,"reason":${JSON.stringify(reason)}`;
  if (correlationId !== undefined) text += `,"correlationId":${JSON.stringify(correlationId)}`;
  return `${text}}`;
}
