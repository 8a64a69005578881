import { hash as digest } from 'node:crypto';
import { quoted } from './canonical-json.js';
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
  /** The details as JSON, where whoever records them has them as text; `details` is left out then. */
  readonly detailsText?: string;
  /** sha256 of the content, hex. */
  readonly contentHash?: string | undefined;
  readonly traceId?: string | undefined;
}

/** Hash before the first record. */
export const GENESIS = '0'.repeat(64);

/** A record as it is stored: `text` is the JSON of all its members, `hash` last. */
export interface SealedRecord {
  readonly sequence: number;
  readonly hash: string;
  readonly text: string;
}

/** What an event's draft says, as the members of its record in their order: JSON without the braces. By hand, as it is on every change's way. */
export function eventText(draft: EventDraft): string {
  const { onBehalfOf, details, detailsText, contentHash, traceId } = draft;
  let text = `"principal":${quoted(draft.principal)}`;
  if (onBehalfOf !== undefined) text += `,"onBehalfOf":${JSON.stringify(onBehalfOf)}`;
  text += `,"action":"${draft.action}","resource":${quoted(draft.resource)},"outcome":"${draft.outcome ?? 'success'}"`;
  if (detailsText !== undefined) text += `,"details":${detailsText}`;
  else if (details !== undefined) text += `,"details":${JSON.stringify(details)}`;
  if (contentHash !== undefined) text += `,"contentHash":"${contentHash}"`;
  return traceId === undefined ? text : `${text},"traceId":"${traceId}"`;
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
  const body = `{"sequence":${sequence},"time":"${time}","node":${quoted(node)},${event},"previous":"${previous}"}`;
  const hash = digest('sha256', body, 'hex');
  // A part of the text that was hashed, which is put together by now.
  return { sequence, hash, text: `${body.slice(0, -1)},"hash":"${hash}"}` };
}
