import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { inboxMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { Store } from '../store/store.js';
import type { LanePlace } from '../lanes/lane-entry.js';
import type { ListedEntry } from '../lanes/lane-listing.js';
import type { Lanes } from '../lanes/lanes.js';
import { envelopeIn, isPending, messageKey } from './message-text.js';

type Page = ResultOf<typeof inboxMethods.inboxList>;

const DEFAULT_LIMIT = 50;
const MARK = 'inbox:';
/** A page ends once the messages that were read for it have this many bytes. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** A page of an agent's inbox, in the order of delivery. */
export async function listInbox(
  lanes: Lanes,
  store: Store,
  agentId: string,
  limit = DEFAULT_LIMIT,
  cursor?: string,
): Promise<Page> {
  const { entries, more } = await lanes.list(
    agentId,
    limit,
    cursor === undefined ? undefined : placeIn(cursor, agentId),
  );
  const shown = within(entries);
  const texts = await store.getTexts(shown.map(({ id }) => messageKey(id)));
  const listed = shown.flatMap(({ id, priority, attempt, bytes, state }, i): Page['entries'] => {
    const text = texts[i]?.text;
    // Settled while the page was read.
    if (text === undefined || !isPending(text)) return [];
    const { from, type, acceptedAt } = envelopeIn(text);
    const where = state === 'claimed' ? 'inFlight' : state === 'delayed' ? 'delayed' : 'queued';
    return [{ messageId: id, from, type, priority, attempts: attempt, state: where, acceptedAt, bytes }];
  });
  const last = shown.at(-1);
  if (last === undefined || (!more && shown.length === entries.length)) return { entries: listed };
  const at = `${MARK}${String(last.priority)}:${String(last.sequence)}`;
  return { entries: listed, cursor: Buffer.from(at).toString('base64url') };
}

function within(entries: readonly ListedEntry[]): readonly ListedEntry[] {
  let bytes = 0;
  const end = entries.findIndex((entry, i) => (bytes += entry.bytes) > PAGE_BYTES && i > 0);
  return end < 0 ? entries : entries.slice(0, end);
}

function placeIn(cursor: string, lane: string): LanePlace {
  const [, priority, sequence] = Buffer.from(cursor, 'base64url').toString('latin1').split(':');
  const place = { lane, priority: Number(priority), sequence: Number(sequence) };
  if (place.priority >= 0 && place.priority <= 9 && Number.isSafeInteger(place.sequence)) return place;
  const issues = [{ path: '/cursor', message: 'must come from an earlier answer of this method' }];
  throw new OrchestratorError('invalid_params', '/cursor must come from an earlier answer', { issues });
}
