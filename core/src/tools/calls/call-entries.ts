import type { Put, Store } from '../../store/store.js';
import { contextItemKey } from '../../contexts/context-keys.js';
import { linkKeys, linkPuts, traceOf } from '../../timeline/timeline-keys.js';
import type { TimelineLinks } from '../../timeline/timeline-keys.js';
import type { RunningCall } from './running-call.js';

/** What timelines know of a call that has ended: no content, so that it may outlive its context. */
export interface CallEntry {
  readonly tool: string;
  readonly version: string;
  readonly provider: string;
  readonly caller: string;
  /** Wall-clock ms. */
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: string;
  readonly contextId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly traceId?: string | undefined;
}

const CALLS = 'tool-calls/';
const SWEEP_PAGE = 100;

/** What is put for a call in the commit of its record; nothing for one that belongs to no context, cause or trace, which no timeline has. */
export function entryPuts(call: RunningCall, at: number, durationMs: number, outcome: string): readonly Put[] {
  const { contextId, callId, caller, visible, origin } = call;
  const traceId = traceOf(call.traceparent);
  const causationId = origin?.id;
  if (contextId === undefined && causationId === undefined && traceId === undefined) return NOTHING;
  const { name, version } = visible.definition;
  const entry: CallEntry = {
    tool: name,
    version,
    provider: visible.provider,
    caller: caller.id,
    at,
    durationMs,
    outcome,
    contextId,
    causationId,
    traceId,
  };
  return [
    { key: CALLS + callId, text: JSON.stringify(entry) },
    ...linkPuts(linksOf(callId, entry)),
    ...(contextId === undefined ? [] : [{ key: contextItemKey(contextId, 'tool', callId), value: null }]),
  ];
}

/** A call that has ended, by its id. */
export async function entryOf(store: Store, callId: string): Promise<CallEntry | undefined> {
  return (await store.get(CALLS + callId))?.value as unknown as CallEntry | undefined;
}

/**
 * Forgets the calls that began before a time.
 *
 * @param before wall-clock ms
 */
export async function sweepEntries(store: Store, before: number): Promise<void> {
  const to = CALLS + idsFrom(before);
  for (;;) {
    const { entries } = await store.range({ from: CALLS, to, limit: SWEEP_PAGE });
    if (entries.length === 0) return;
    const deletes = entries.flatMap(({ key, value }) => {
      const id = key.slice(CALLS.length);
      const entry = value as unknown as CallEntry;
      const { contextId } = entry;
      const links = linkKeys(linksOf(id, entry));
      return [key, ...links, ...(contextId === undefined ? [] : [contextItemKey(contextId, 'tool', id)])];
    });
    await store.commit({ deletes });
  }
}

function linksOf(id: string, { causationId, traceId }: CallEntry): TimelineLinks {
  return { kind: 'tool', id, causationId, traceId };
}

/** What the ids of a time begin with: a UUIDv7 begins with the milliseconds [RFC 9562 §5.7]. */
function idsFrom(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`;
}

const NOTHING: readonly Put[] = [];
