import type { Field, MapField, Policy, Version } from './field.js';
import { entriesIn } from './map.js';
import { absentField, unfit } from './merge.js';
import { alternatives } from './plain.js';
import { itemsIn } from './set.js';

/** The value that holds, as JSON text; `undefined` where there is none. */
export function textOf(field: Field): string | undefined {
  switch (field.kind) {
    case 'plain':
      return field.versions[0].text;
    case 'map': {
      const entries = liveEntries(field);
      return isThere(field, entries.length) ? `{${entries.join(',')}}` : undefined;
    }
    case 'set':
      return isThere(field, field.items.size) ? `[${[...field.items.keys()].sort().join(',')}]` : undefined;
    case 'counter':
      return isThere(field, field.sum) ? String(field.sum) : undefined;
  }
}

/** Who last wrote it, and when (hybrid time). */
export function lastWrite(field: Field): { readonly time: string; readonly by: string } {
  return field.kind === 'plain' ? field.versions[0] : field;
}

/** The versions that wait for a decision beside the one that holds. */
export function conflictOf(field: Field): readonly Version[] {
  return field.kind === 'plain' ? alternatives(field) : [];
}

/**
 * The field under another policy, with its value as one write of whoever wrote it last.
 *
 * @returns why it cannot be, where its value does not fit
 */
export function converted(field: Field, policy: Policy): Field | string {
  const empty = absentField(policy);
  if (empty.kind === field.kind) return field;
  const text = textOf(field);
  const stamp = { ...lastWrite(field), revision: field.revision };
  const { time, by, revision } = stamp;
  if (text === undefined) return absentField(policy, { time, by, revision });
  const reason = unfit(empty.kind, { type: 'value', text });
  if (reason !== undefined) return reason;
  const merged = { revision, time, by, written: time, deleted: '' };
  switch (empty.kind) {
    case 'map': {
      const entries = [...entriesIn(text)].map(([key, value]) => [key, { time, by, revision, text: value }] as const);
      return { ...empty, ...merged, entries: new Map(entries) };
    }
    case 'set':
      return { ...empty, ...merged, items: new Map(itemsIn(text).map((item) => [item, [{ time, by, revision }]])) };
    case 'counter':
      return { ...empty, ...merged, sum: JSON.parse(text) as number, others: revision };
    case 'plain':
      return { kind: 'plain', revision, versions: [{ time, by, revision, text }] };
  }
}

function isThere(field: Exclude<Field, { kind: 'plain' }>, size: number): boolean {
  return size !== 0 || field.written > field.deleted;
}

function liveEntries({ entries }: MapField): string[] {
  const texts: string[] = [];
  for (const [key, { text }] of entries) if (text !== undefined) texts.push(`${JSON.stringify(key)}:${text}`);
  return texts.sort();
}
