import type { EventDraft } from '../../store/record.js';
import type { Commit, JsonValue, Store } from '../../store/store.js';

const OPEN = 'tool-approvals/';
const AFTER = 'tool-approvals0';
const PAGE = 100;

/** Writes that a call waits for a human, in one with its record: so that the next start knows of it, should this daemon not see its end. */
export function opened(id: string, requested: EventDraft): Commit {
  const { resource, details = {} } = requested;
  return { events: [requested], puts: [{ key: OPEN + id, value: { resource, details } as unknown as JsonValue }] };
}

/** Writes what came of it. */
export function closed(id: string, record: EventDraft): Commit {
  return { events: [record], deletes: [OPEN + id] };
}

/**
 * Records the end of what an earlier daemon left open; each once.
 *
 * @param ended the record, of the resource and the details of what was asked
 */
export async function endLeftOpen(
  store: Store,
  ended: (resource: string, details: NonNullable<EventDraft['details']>) => EventDraft,
): Promise<void> {
  for (;;) {
    const { entries } = await store.range({ from: OPEN, to: AFTER, limit: PAGE });
    if (entries.length === 0) return;
    const events = entries.map(({ value }) => {
      const { resource, details } = value as unknown as Required<Pick<EventDraft, 'resource' | 'details'>>;
      return ended(resource, details);
    });
    await store.commit({ events, deletes: entries.map(({ key }) => key) });
  }
}
