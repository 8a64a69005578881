import type { deliveryMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

/** The envelope of a durable message, as its recipient reads it. */
export type DurableEnvelope = Static<typeof deliveryMethods.DurableEnvelope>;

/** What the store keeps of an envelope: all that is the same for every delivery. */
export type KeptEnvelope = OrUndefined<Omit<DurableEnvelope, 'deliveryId' | 'attempt' | 'visibilityMs'>>;

/** What may be left out may also be undefined. */
type OrUndefined<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] };

const HEAD = '{"message":{';
const PAYLOAD = '},"payload":';

/** Key of a message, and later of its receipt. */
export function messageKey(id: string): string {
  return `messages/${id}`;
}

/**
 * A message as it is kept: what a delivery of it says but for the members that differ from one to the next, so that nothing of it is ever
 * parsed on its way.
 *
 * @param payload JSON
 */
export function messageText(envelope: KeptEnvelope, payload: string): string {
  return `{"message":${envelopeText(envelope)},"payload":${payload}}`;
}

/** The params of a message.handle call. */
export function deliveryText(kept: string, deliveryId: string, attempt: number, visibilityMs: number): string {
  const own = `"deliveryId":"${deliveryId}","attempt":${String(attempt)},"visibilityMs":${String(visibilityMs)}`;
  return `${HEAD}${own},${kept.slice(HEAD.length)}`;
}

/** The envelope in the text of a message. */
export function envelopeIn(kept: string): KeptEnvelope {
  // No text in the envelope can look like this: its quotes would be escaped.
  return JSON.parse(kept.slice(HEAD.length - 1, kept.indexOf(PAYLOAD) + 1)) as KeptEnvelope;
}

/** The payload in the text of a message, as JSON. */
export function payloadIn(kept: string): string {
  return kept.slice(kept.indexOf(PAYLOAD) + PAYLOAD.length, -1);
}

/** Whether a text under {@link messageKey} is a message that is not settled, and not a receipt. */
export function isPending(kept: string): boolean {
  return kept.startsWith(HEAD);
}

/** Written by hand, because it is on every message's way; what may need escaping is stringified. */
function envelopeText(envelope: KeptEnvelope): string {
  const { id, from, fromAgent, to, skill, type, priority, contextId, correlationId, causationId, contentType } =
    envelope;
  let text = `{"id":"${id}","from":${JSON.stringify(from)}`;
  if (fromAgent !== undefined) text += `,"fromAgent":"${fromAgent}"`;
  text += `,"to":"${to}"`;
  if (skill !== undefined) text += `,"skill":"${skill}"`;
  text += `,"type":"${type}","priority":${String(priority)}`;
  if (contextId !== undefined) text += `,"contextId":"${contextId}"`;
  if (correlationId !== undefined) text += `,"correlationId":${JSON.stringify(correlationId)}`;
  if (causationId !== undefined) text += `,"causationId":"${causationId}"`;
  if (contentType !== undefined) text += `,"contentType":${JSON.stringify(contentType)}`;
  text += `,"hops":${String(envelope.hops)}`;
  if (envelope.chain !== undefined) text += `,"chain":${JSON.stringify(envelope.chain)}`;
  if (envelope.rootId !== undefined) text += `,"rootId":"${envelope.rootId}"`;
  if (envelope.traceparent !== undefined) text += `,"traceparent":"${envelope.traceparent}"`;
  text += `,"acceptedAt":"${envelope.acceptedAt}"`;
  if (envelope.expiresAt !== undefined) text += `,"expiresAt":"${envelope.expiresAt}"`;
  return `${text},"sequence":${String(envelope.sequence)}}`;
}
