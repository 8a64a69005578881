import { escaped } from '../agents/schema-rules.js';
import { canonicalJson } from '../store/canonical-json.js';
import type { JsonValue } from '../store/store.js';
import { reliedOn } from './definition-hash.js';
import type { ToolDefinition } from './tools.js';

/** One field that two definitions have differently; a side that does not have it has no member. */
export interface FieldChange {
  /** JSON Pointer into the definition. */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/**
 * What of two definitions a model or caller would find different, field by field, in the order of the definition.
 *
 * @param before `undefined`: there was none
 * @param limit changes that are named
 */
export function definitionDiff(
  before: ToolDefinition | undefined,
  after: ToolDefinition,
  limit: number,
): { readonly changes: readonly FieldChange[]; readonly isCut: boolean } {
  const changes: FieldChange[] = [];
  compare(before === undefined ? {} : reliedOn(before), reliedOn(after), '', changes);
  return { changes: changes.slice(0, limit), isCut: changes.length > limit };
}

function compare(before: unknown, after: unknown, path: string, changes: FieldChange[]): void {
  if (
    canonicalJson(before ?? null) === canonicalJson(after ?? null) &&
    (before === undefined) === (after === undefined)
  ) {
    return;
  }
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(before[name], after[name], `${path}/${escaped(name)}`, changes);
    }
    return;
  }
  if (isList(before) && isList(after) && before.length === after.length && before.every(isObject)) {
    before.forEach((member, i) => {
      compare(member, after[i], `${path}/${String(i)}`, changes);
    });
    return;
  }
  changes.push({
    path,
    ...(before === undefined ? {} : { before: before as JsonValue }),
    ...(after === undefined ? {} : { after: after as JsonValue }),
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
