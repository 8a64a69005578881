import { events } from '@ai-orchestrator/protocol';
import { isoTime } from '../host/iso-time.js';
import type { EventDraft } from '../store/record.js';
import type { JsonValue } from '../store/store.js';
import { traceOf } from '../timeline/timeline-keys.js';
import type { KeptEnvelope } from './message-text.js';
import type { Receipt } from './receipt.js';

/** Why a delivery came to nothing, as the journal may know it. */
export type FailureKind = 'nack' | 'error' | 'timeout' | 'connection' | 'takeover' | 'behind' | 'interrupted';

type Details = Record<string, JsonValue>;

/** The record of a message that was taken in. Its details are written by hand, because it is on every message's way. */
export function accepted(envelope: KeptEnvelope, bytes: number, contentHash: string): EventDraft {
  const { type, priority, hops, skill } = envelope;
  let text = `{${about(envelope)},"type":"${type}","priority":${String(priority)},"bytes":${String(bytes)},"hops":${String(hops)}`;
  if (skill !== undefined) text += `,"skill":"${skill}"`;
  if (envelope.contextId !== undefined) text += `,"contextId":"${envelope.contextId}"`;
  if (envelope.causationId !== undefined) text += `,"causationId":"${envelope.causationId}"`;
  return recordOf(events.messageAccepted.name, envelope, envelope.from, `${text}}`, 'success', contentHash);
}

/** The record of a delivery that came to nothing. */
export function attemptFailed(
  envelope: KeptEnvelope,
  principal: string,
  attempt: number,
  reason: FailureKind,
  deliveredAt: number | undefined,
  nextAttemptAt: number | undefined,
): EventDraft {
  const details: Details = { messageId: envelope.id, agent: envelope.to, attempt };
  if (deliveredAt !== undefined) details.deliveredAt = isoTime(deliveredAt);
  details.reason = reason;
  if (nextAttemptAt !== undefined) details.nextAttemptAt = isoTime(nextAttemptAt);
  if (envelope.contextId !== undefined) details.contextId = envelope.contextId;
  return { ...draft(events.messageAttemptFailed.name, envelope, principal, details), outcome: 'failure' };
}

/** The record of a message's one outcome; written as {@link accepted} is. */
export function settled(
  envelope: KeptEnvelope,
  principal: string,
  { outcome = 'handled', attempts }: Receipt,
  deliveredAt: number | undefined,
  reason: FailureKind | undefined,
): EventDraft {
  let text = `{${about(envelope)},"outcome":"${outcome}","attempts":${String(attempts)},"acceptedAt":"${envelope.acceptedAt}"`;
  if (deliveredAt !== undefined) text += `,"deliveredAt":"${isoTime(deliveredAt)}"`;
  if (reason !== undefined) text += `,"reason":"${reason}"`;
  if (envelope.contextId !== undefined) text += `,"contextId":"${envelope.contextId}"`;
  const went = outcome === 'handled' ? 'success' : 'failure';
  return recordOf(events.messageSettled.name, envelope, principal, `${text}}`, went);
}

/** The record of a dead letter that was sent once more. */
export function redelivered(envelope: KeptEnvelope, principal: string, as: string): EventDraft {
  const details: Details = { messageId: envelope.id, as, agent: envelope.to };
  if (envelope.contextId !== undefined) details.contextId = envelope.contextId;
  return draft(events.messageRedelivered.name, envelope, principal, details);
}

/** The record of a dead letter that was given up. */
export function discarded(
  messageId: string,
  agent: string,
  principal: string,
  reason: 'asked' | 'bound' | 'erased' | 'expired',
): EventDraft {
  return {
    action: events.messageDiscarded.name,
    resource: `message/${messageId}`,
    principal,
    details: { messageId, agent, reason },
  };
}

function draft(action: string, { id, traceparent }: KeptEnvelope, principal: string, details: Details): EventDraft {
  const record = { action, resource: `message/${id}`, principal, details };
  return traceparent === undefined ? record : { ...record, traceId: traceparent.slice(3, 35) };
}

/** The members that say which message it is: ids and agents need no escaping, only the principal may. */
function about({ id, from, to }: KeptEnvelope): string {
  return `"messageId":"${id}","sender":${JSON.stringify(from)},"agent":"${to}"`;
}

function recordOf(
  action: string,
  { id, traceparent }: KeptEnvelope,
  principal: string,
  detailsText: string,
  outcome: 'success' | 'failure',
  contentHash?: string,
): EventDraft {
  const traceId = traceOf(traceparent);
  return { action, resource: `message/${id}`, principal, outcome, detailsText, contentHash, traceId };
}
