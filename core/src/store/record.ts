import { hash as digest } from 'node:crypto';
import type { JsonValue } from './store.js';

/** What happened, as whoever did it says it; the store adds the rest when it commits. */
export interface EventDraft {
  /** Name of a declared event. */
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  readonly onBehalfOf?: readonly string[];
  readonly outcome?: 'success' | 'failure' | 'denied';
  readonly details?: { readonly [member: string]: JsonValue };
  /** sha256 of the content, hex. */
  readonly contentHash?: string;
  readonly traceId?: string;
}

/** Hash before the first record. */
export const GENESIS = '0'.repeat(64);

/** A record as it is stored: `text` is the JSON of all its members, `hash` last. */
export interface SealedRecord {
  readonly sequence: number;
  readonly hash: string;
  readonly text: string;
}

/** What an event's draft says, as the members of its record in their order: JSON without the braces. */
export function eventText(draft: EventDraft): string {
  return JSON.stringify({
    principal: draft.principal,
    onBehalfOf: draft.onBehalfOf,
    action: draft.action,
    resource: draft.resource,
    outcome: draft.outcome ?? 'success',
    details: draft.details,
    contentHash: draft.contentHash,
    traceId: draft.traceId,
  }).slice(1, -1);
}

/**
 * Makes the record that follows the one with hash `previous`. The hash is SHA-256 over the UTF-8 of the record's JSON text without its
 * `hash` member; members have a fixed order, so that anyone can check a chain with a JSON parser that keeps order and a hash function.
 *
 * @param event as {@link eventText} has it
 * @param time RFC 3339, UTC
 */
export function sealRecord(
  event: string,
  sequence: number,
  time: string,
  node: string,
  previous: string,
): SealedRecord {
  const members = `{"sequence":${sequence},"time":"${time}","node":${JSON.stringify(node)},${event},"previous":"${previous}"`;
  const hash = digest('sha256', `${members}}`, 'hex');
  return { sequence, hash, text: `${members},"hash":"${hash}"}` };
}
