import type { JsonValue } from '@ai-orchestrator/core/plugin';

export type { JsonValue };

/** A JSON object. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether nothing in a value lies deeper than so many levels. */
export function isWithinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isWithinDepth(item, levels - 1)) return false;
    return true;
  }
  for (const name in value) {
    if (!isWithinDepth((value as JsonObject)[name], levels - 1)) return false;
  }
  return true;
}
