import type { Store } from '../store/store.js';
import type { Lane } from './lane.js';
import { entryFrom, PRIORITIES } from './lane-entry.js';
import type { LanePlace, LaneState } from './lane-entry.js';
import type { LaneKeys } from './lane-keys.js';

/** An entry of a listing. */
export interface ListedEntry {
  readonly id: string;
  readonly priority: number;
  readonly sequence: number;
  readonly attempt: number;
  readonly bytes: number;
  readonly state: Exclude<LaneState, 'gone'>;
}

/**
 * A page of a lane's entries in the order in which they would be claimed.
 *
 * @param now wall-clock ms
 * @param limit 1 to 1,000
 * @param after the last entry of the page before
 */
export async function listLane(
  store: Store,
  keys: LaneKeys,
  lane: Lane,
  now: number,
  limit: number,
  after: LanePlace | undefined,
): Promise<{ entries: ListedEntry[]; more: boolean }> {
  const { priority, sequence } = after ?? { priority: PRIORITIES - 1, sequence: 0 };
  const page = await store.range({
    from: keys.entry(lane.name, priority, sequence + 1),
    to: keys.laneEnd(lane.name),
    limit,
  });
  const entries = page.entries.map(({ key, value }): ListedEntry => {
    const { priority, sequence } = keys.positionIn(lane.name, key);
    const known = lane.known.get(sequence);
    const { id, attempt, bytes, notBefore } = known ?? entryFrom(lane, priority, sequence, value);
    const waits = (notBefore ?? 0) > now ? 'delayed' : 'queued';
    const state = known === undefined || known.state === 'gone' ? waits : known.state;
    return { id, priority, sequence, attempt, bytes, state };
  });
  return { entries, more: page.next !== undefined };
}
