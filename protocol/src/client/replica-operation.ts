import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';

type Change = ParamsOf<Methods['state.sync']>['changes'][number];

/** What a write does to a field: exactly one of them. */
export type StateOperation =
  | { readonly value: unknown }
  | { readonly delete: true }
  | { readonly add: number }
  | { readonly insert: unknown[] }
  | { readonly remove: unknown[] }
  | { readonly set: Record<string, unknown> }
  | { readonly unset: string[] };

/** A change that a replica made and that is not known to have come. */
export type PendingChange = Pick<Change, 'field' | 'base' | 'time'> & StateOperation;

/**
 * The value of a field after an operation, as long as the document says nothing else.
 *
 * @param value `undefined` where the field is not there
 */
export function operated(value: unknown, operation: StateOperation): unknown {
  if ('value' in operation) return operation.value;
  if ('delete' in operation) return undefined;
  if ('add' in operation) return (typeof value === 'number' ? value : 0) + operation.add;
  if ('insert' in operation) return without(itemsOf(value), operation.insert).concat(operation.insert);
  if ('remove' in operation) return without(itemsOf(value), operation.remove);
  const members = new Map(Object.entries(isMap(value) ? value : {}));
  if ('set' in operation) for (const [key, wanted] of Object.entries(operation.set)) members.set(key, wanted);
  else for (const key of operation.unset) members.delete(key);
  return Object.fromEntries(members);
}

/**
 * An operation on a map that is merged key by key: a replica names each key that it writes or deletes.
 *
 * @param known the value that the operation is made upon
 * @returns one or two operations that together do the same
 */
export function byKey(known: unknown, operation: StateOperation): readonly StateOperation[] {
  const keys = isMap(known) ? Object.keys(known) : [];
  if ('delete' in operation) return [...unset(keys), operation];
  if (!('value' in operation) || !isMap(operation.value)) return [operation];
  const { value } = operation;
  return [...unset(keys.filter((key) => !Object.hasOwn(value, key))), { set: value }];
}

/** Whether it is an object, and no array. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unset(keys: string[]): StateOperation[] {
  return keys.length === 0 ? [] : [{ unset: keys }];
}

function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function without(items: readonly unknown[], removed: readonly unknown[]): unknown[] {
  const texts = new Set(removed.map(canonical));
  return items.filter((item) => !texts.has(canonical(item)));
}

/** JSON with the members of objects in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
