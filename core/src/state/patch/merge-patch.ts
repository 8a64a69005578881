import { isObject } from './json.js';
import type { Json, JsonObject } from './json.js';

/** The target with a JSON Merge Patch applied [RFC 7396 §2]; neither is changed. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, Json>(isObject(target) ? Object.entries(target) : []);
  for (const [name, wanted] of Object.entries(patch)) {
    if (wanted === null) merged.delete(name);
    else merged.set(name, applyMergePatch(merged.get(name), wanted));
  }
  return Object.fromEntries(merged) satisfies JsonObject;
}
