import { later, observed, stampOf } from './field.js';
import type { MapField, Merge, MergeLimits, Version, Write } from './field.js';

/**
 * Merges a write into a map: for each key the latest write holds, and whoever writes the whole deletes only what it knew. A replica
 * names each key that it writes or deletes: which ones it knew cannot be told here once others have written them.
 */
export function mergeMap(field: MapField, write: Write, limits: MergeLimits): Merge {
  const entries = new Map(field.entries);
  let lost = 0;
  let beside = false;
  const put = (key: string, text?: string): void => {
    const held = field.entries.get(key) ?? field.floor;
    if (!observed(held, write) && held.time > write.time) {
      lost++;
      return;
    }
    const time = observed(held, write) ? later(write.time, held.time) : write.time;
    entries.set(key, { ...stampOf(write), time, ...(text === undefined ? {} : { text }) });
  };
  const wanted = wantedBy(write);
  for (const [key, text] of wanted.set) put(key, text);
  for (const key of wanted.unset) put(key);
  if (wanted.whole) {
    for (const [key, held] of field.entries) {
      if (wanted.set.has(key) || held.text === undefined) continue;
      if (observed(held, write)) put(key);
      else beside = true;
    }
  }
  const asked = wanted.set.size + wanted.unset.length;
  if (lost > 0 && lost === asked && !wanted.whole) return { field, outcome: 'kept' };
  const deletes = write.operation.type === 'delete';
  const merged: MapField = {
    ...field,
    ...forgotten(entries, field.floor, limits),
    revision: write.revision,
    time: later(field.time, write.time),
    by: write.by,
    written: deletes ? field.written : later(field.written, write.time),
    deleted: deletes ? later(field.deleted, write.time) : field.deleted,
  };
  return { field: merged, outcome: lost > 0 || beside ? 'merged' : 'written' };
}

function wantedBy({ operation, origin }: Write): {
  readonly set: ReadonlyMap<string, string>;
  readonly unset: readonly string[];
  readonly whole: boolean;
} {
  switch (operation.type) {
    case 'set':
      return { set: operation.entries, unset: [], whole: false };
    case 'unset':
      return { set: new Map(), unset: operation.keys, whole: false };
    case 'delete':
      return { set: new Map(), unset: [], whole: origin === undefined };
    case 'value':
      return { set: entriesIn(operation.text), unset: [], whole: true };
    default:
      throw new TypeError(`a map takes no ${operation.type}`);
  }
}

/** The members of an object, each as JSON text. */
export function entriesIn(text: string): Map<string, string> {
  const members = Object.entries(JSON.parse(text) as object);
  return new Map(members.map(([key, value]) => [key, JSON.stringify(value)]));
}

/** Forgets the oldest deletions past the bounds; the latest of them then stands for all keys that are not there. */
function forgotten(
  entries: Map<string, Version>,
  floor: Version,
  { tombstones, fieldBytes }: MergeLimits,
): { readonly entries: Map<string, Version>; readonly floor: Version } {
  const deletions = [...entries].filter(([, { text }]) => text === undefined);
  let bytes = 0;
  for (const [key, deletion] of deletions) bytes += storedBytes(key, deletion);
  // What is not there any more must leave room for what is.
  if (deletions.length <= tombstones && bytes <= fieldBytes / 4) return { entries, floor };
  deletions.sort(([, a], [, b]) => (a.time < b.time ? -1 : 1));
  let low = floor;
  let left = deletions.length;
  for (const [key, deletion] of deletions) {
    if (left <= tombstones && bytes <= fieldBytes / 4) break;
    entries.delete(key);
    low = raised(low, deletion);
    left--;
    bytes -= storedBytes(key, deletion);
  }
  return { entries, floor: low };
}

/** About what a deletion takes where it is stored. */
function storedBytes(key: string, { time, by, origin = '' }: Version): number {
  return Buffer.byteLength(key) + time.length + Buffer.byteLength(by) + origin.length + 50;
}

/** What stands for two deletions that are forgotten. */
export function raised(floor: Version, deletion: Version): Version {
  return {
    time: later(floor.time, deletion.time),
    by: deletion.by,
    revision: Math.max(floor.revision, deletion.revision),
  };
}
