import { later, refused } from './field.js';
import type { CounterField, Merge, Write } from './field.js';

/** Merges a write into a counter: what is added is added; only who knows the sum may put another in its place. */
export function mergeCounter(field: CounterField, write: Write): Merge {
  const { operation, origin, by } = write;
  const own = origin !== undefined && field.origin === origin && field.by === by;
  const others = own ? field.others : field.revision;
  const known = write.base === undefined || others <= write.base;
  if (operation.type !== 'add' && !known) return refused(field, 'it was added to meanwhile');
  const sum = sumAfter(field.sum, write);
  if (!Number.isSafeInteger(sum)) return refused(field, 'its sum would be past what a number holds exactly');
  const deletes = operation.type === 'delete';
  const merged: CounterField = {
    ...field,
    sum,
    revision: write.revision,
    time: later(field.time, write.time),
    by,
    origin,
    others,
    written: deletes ? field.written : later(field.written, write.time),
    deleted: deletes ? later(field.deleted, write.time) : field.deleted,
  };
  return { field: merged, outcome: known ? 'written' : 'merged' };
}

function sumAfter(sum: number, { operation }: Write): number {
  switch (operation.type) {
    case 'add':
      return sum + operation.delta;
    case 'value':
      return JSON.parse(operation.text) as number;
    case 'delete':
      return 0;
    default:
      throw new TypeError(`a counter takes no ${operation.type}`);
  }
}
