import { canonicalJson } from '../../store/canonical-json.js';
import type { Field, Operation } from '../merge/field.js';
import { isArray, isObject, sameJson } from './json.js';
import type { Json, JsonObject } from './json.js';

/**
 * What turns one value of a field into another, so that it merges with what others write: only the keys of a map, the items of a set and
 * the difference of a counter that are other.
 *
 * @param before undefined where it is not there; `after` the same
 */
export function changesTo(kind: Field['kind'], before: Json | undefined, after: Json | undefined): Operation[] {
  if (sameJson(before, after)) return [];
  if (after === undefined) return [{ type: 'delete' }];
  if (kind === 'map' && isObject(before) && isObject(after)) return keysChanged(before, after);
  if (kind === 'set' && isArray(before) && isArray(after)) return itemsChanged(before, after);
  if (kind === 'counter' && typeof before === 'number' && Number.isSafeInteger(after)) {
    return [{ type: 'add', delta: Number(after) - before }];
  }
  return [{ type: 'value', text: JSON.stringify(after) }];
}

function keysChanged(before: JsonObject, after: JsonObject): Operation[] {
  const keys = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const entries = Object.entries(after)
    .filter(([key, value]) => !Object.hasOwn(before, key) || !sameJson(before[key], value))
    .map(([key, value]) => [key, JSON.stringify(value)] as const);
  return [
    ...(keys.length === 0 ? [] : [{ type: 'unset', keys } as const]),
    ...(entries.length === 0 ? [] : [{ type: 'set', entries: new Map(entries) } as const]),
  ];
}

function itemsChanged(before: readonly Json[], after: readonly Json[]): Operation[] {
  const had = new Set(before.map(canonicalJson));
  const has = new Set(after.map(canonicalJson));
  const gone = [...had].filter((item) => !has.has(item));
  const come = [...has].filter((item) => !had.has(item));
  return [
    ...(gone.length === 0 ? [] : [{ type: 'remove', items: gone } as const]),
    ...(come.length === 0 ? [] : [{ type: 'insert', items: come } as const]),
  ];
}
