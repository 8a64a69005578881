import { canonicalJson } from '../../store/canonical-json.js';
import { later, observed, stampOf } from './field.js';
import type { Merge, SetField, Stamp, Write } from './field.js';

/** Merges a write into a set: what is inserted stays unless somebody who saw it inserted removes it. */
export function mergeSet(field: SetField, write: Write): Merge {
  const items = new Map(field.items);
  const beside = new Set<string>();
  const insert = (item: string): void => {
    const unknown = (items.get(item) ?? []).filter((stamp) => !observed(stamp, write));
    items.set(item, [...unknown, stampOf(write)].sort(byTime));
  };
  const remove = (item: string): void => {
    const unknown = (items.get(item) ?? []).filter((stamp) => !observed(stamp, write));
    if (unknown.length === 0) items.delete(item);
    else {
      items.set(item, unknown);
      beside.add(item);
    }
  };
  const { operation } = write;
  switch (operation.type) {
    case 'insert':
      operation.items.forEach(insert);
      break;
    case 'remove':
      operation.items.forEach(remove);
      break;
    case 'delete':
      [...items.keys()].forEach(remove);
      break;
    case 'value': {
      const wanted = new Set(itemsIn(operation.text));
      [...items.keys()].filter((item) => !wanted.has(item)).forEach(remove);
      wanted.forEach(insert);
      break;
    }
    default:
      throw new TypeError(`a set takes no ${operation.type}`);
  }
  const deletes = operation.type === 'delete';
  const merged: SetField = {
    ...field,
    items,
    revision: write.revision,
    time: later(field.time, write.time),
    by: write.by,
    written: deletes ? field.written : later(field.written, write.time),
    deleted: deletes ? later(field.deleted, write.time) : field.deleted,
  };
  return { field: merged, outcome: beside.size > 0 ? 'merged' : 'written' };
}

/** The items of an array, each once, as canonical JSON texts. */
export function itemsIn(text: string): string[] {
  return [...new Set((JSON.parse(text) as unknown[]).map(canonicalJson))];
}

function byTime(a: Stamp, b: Stamp): number {
  return a.time < b.time ? -1 : 1;
}
