/** A JSON value as it was parsed. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object as it was parsed. */
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Whether it is an object, and no array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values are equal as JSON Patch means it: members in any order, numbers by value [RFC 6902 §4.6]. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
    );
  }
  if (!isArray(a) || !isArray(b)) return false;
  return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
}

/** How deep a value nests: 0 where it is neither object nor array. */
export function depthOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values<Json>(value)) deepest = Math.max(deepest, depthOf(inner));
  return deepest + 1;
}

/** Whether it is an array. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
