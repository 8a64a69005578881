import { events } from '@ai-orchestrator/protocol';
import type { EventDraft } from '../store/record.js';
import type { JsonValue } from '../store/store.js';
import type { KeptEnvelope } from './message-text.js';
import type { Receipt } from './receipt.js';

/** Why a delivery came to nothing, as the journal may know it. */
export type FailureKind = 'nack' | 'error' | 'timeout' | 'connection' | 'takeover' | 'behind' | 'interrupted';

type Details = Record<string, JsonValue>;

/** The record of a message that was taken in. */
export function accepted(envelope: KeptEnvelope, bytes: number, contentHash: string): EventDraft {
  const { id, from, to, type, priority, hops, skill } = envelope;
  const details: Details = { messageId: id, sender: from, agent: to, type, priority, bytes, hops };
  if (skill !== undefined) details.skill = skill;
  if (envelope.contextId !== undefined) details.contextId = envelope.contextId;
  if (envelope.causationId !== undefined) details.causationId = envelope.causationId;
  return { ...draft(events.messageAccepted.name, envelope, from, details), contentHash };
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
  if (deliveredAt !== undefined) details.deliveredAt = new Date(deliveredAt).toISOString();
  details.reason = reason;
  if (nextAttemptAt !== undefined) details.nextAttemptAt = new Date(nextAttemptAt).toISOString();
  if (envelope.contextId !== undefined) details.contextId = envelope.contextId;
  return { ...draft(events.messageAttemptFailed.name, envelope, principal, details), outcome: 'failure' };
}

/** The record of a message's one outcome. */
export function settled(
  envelope: KeptEnvelope,
  principal: string,
  { outcome, attempts }: Receipt,
  deliveredAt: number | undefined,
  reason: FailureKind | undefined,
): EventDraft {
  const { id, from, to, acceptedAt } = envelope;
  const details: Details = { messageId: id, sender: from, agent: to, outcome: outcome ?? '', attempts, acceptedAt };
  if (deliveredAt !== undefined) details.deliveredAt = new Date(deliveredAt).toISOString();
  if (reason !== undefined) details.reason = reason;
  if (envelope.contextId !== undefined) details.contextId = envelope.contextId;
  const record = draft(events.messageSettled.name, envelope, principal, details);
  return outcome === 'handled' ? record : { ...record, outcome: 'failure' };
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
