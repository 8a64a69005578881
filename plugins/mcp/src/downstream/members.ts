import type { JsonObject } from '../upstream/json.js';

/** A value where it is a string; nothing otherwise. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An object without some of its members. */
export function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
