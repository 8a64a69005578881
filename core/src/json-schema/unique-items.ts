import type AjvCore from 'ajv/dist/core.js';
import { canonicalJson } from '../store/canonical-json.js';

/** Replaces ajv's `uniqueItems`, which compares every item with every other, by one whose time is in proportion to the items. */
export function withLinearUniqueItems<A extends AjvCore.default>(ajv: A): A {
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate: (unique: boolean, items: readonly unknown[]) =>
      !unique || new Set(items.map(canonicalJson)).size === items.length,
  });
  return ajv;
}
