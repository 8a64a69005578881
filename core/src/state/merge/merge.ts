import { mergeCounter } from './counter.js';
import type { Field, Merge, MergeLimits, Operation, PlainField, Policy, Version, Write } from './field.js';
import { refused } from './field.js';
import { mergeMap } from './map.js';
import { mergeKeepingBoth, mergeLastWrite, mergeRefusing } from './plain.js';
import { mergeSet } from './set.js';

/** What no writer ever knew: stands for a field that was never written. */
export const NEVER: Version = { time: '', by: '', revision: 0 };

/** What each kind of field may be asked to do. */
const TAKEN: Readonly<Record<Field['kind'], ReadonlySet<Operation['type']>>> = {
  plain: new Set(['value', 'delete']),
  map: new Set(['value', 'delete', 'set', 'unset']),
  set: new Set(['value', 'delete', 'insert', 'remove']),
  counter: new Set(['value', 'delete', 'add']),
};

/**
 * A field that is not there.
 *
 * @param floor the latest deletion of a field that is no longer remembered by its name
 */
export function absentField(policy: Policy, floor: Version = NEVER): Field {
  const { time, by, revision } = floor;
  const merged = { revision, time, by, written: '', deleted: time };
  switch (policy) {
    case 'map':
      return { kind: 'map', ...merged, entries: new Map(), floor };
    case 'set':
      return { kind: 'set', ...merged, items: new Map() };
    case 'counter':
      return { kind: 'counter', ...merged, sum: 0, others: revision };
    default:
      return { kind: 'plain', revision, versions: [floor] };
  }
}

/**
 * Merges a write into a field. Writes of several replicas give the same value and the same conflicts in whatever order they come, as
 * long as those of each come in the order they were made and each once; but of those that the rule `refuse` is for, the first is taken.
 */
export function merge(field: Field, policy: Policy, write: Write, limits: MergeLimits): Merge {
  const reason = unfit(field.kind, write.operation, write.origin);
  if (reason !== undefined) return refused(field, reason);
  switch (field.kind) {
    case 'map':
      return mergeMap(field, write, limits);
    case 'set':
      return mergeSet(field, write);
    case 'counter':
      return mergeCounter(field, write);
    case 'plain':
      return mergePlain(field, policy, write, limits);
  }
}

function mergePlain(field: PlainField, policy: Policy, write: Write, limits: MergeLimits): Merge {
  if (policy === 'refuse') return mergeRefusing(field, write);
  if (policy === 'keep-both') return mergeKeepingBoth(field, write, limits);
  return mergeLastWrite(field, write);
}

/** Why a field of some kind cannot take an operation; `undefined` where it can. */
export function unfit(kind: Field['kind'], operation: Operation, origin?: string): string | undefined {
  if (kind === 'map' && operation.type === 'value' && origin !== undefined) {
    return 'a replica sets and unsets the keys of a map by name';
  }
  if (!TAKEN[kind].has(operation.type)) return `a ${kind} field takes ${[...TAKEN[kind]].join(', ')}`;
  if (operation.type === 'add') {
    return Number.isSafeInteger(operation.delta) ? undefined : 'a counter takes integers that a number holds exactly';
  }
  if (operation.type !== 'value' || kind === 'plain') return undefined;
  const value: unknown = JSON.parse(operation.text);
  if (kind === 'set') return Array.isArray(value) ? undefined : 'a set takes an array';
  if (kind === 'counter') {
    return Number.isSafeInteger(value) ? undefined : 'a counter takes integers that a number holds exactly';
  }
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? undefined : 'a map takes an object';
}
