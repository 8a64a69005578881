import { millisecondsOf } from '@ai-orchestrator/protocol';
import type { Field, Version } from './merge/field.js';
import { conflictOf, lastWrite, textOf } from './merge/read.js';
import type { View } from './view.js';

/** A field as the wire has it, as JSON text. */
export function fieldText(view: View, name: string, field: Field): string {
  const { rule = 'last-write', merge } = view.defined.of(name);
  const { time, by } = lastWrite(field);
  const text = textOf(field);
  const others = conflictOf(field);
  const rest = JSON.stringify({
    revision: field.revision,
    rule,
    ...(rule === 'merge' ? { merge: merge ?? 'map' } : {}),
    updatedAt: timeOf(time),
    updatedBy: by,
  });
  const conflict = others.length === 0 ? '' : `,"conflict":{"alternatives":[${others.map(alternativeText).join(',')}]}`;
  return `${text === undefined ? '{"deleted":true' : `{"value":${text}`},${rest.slice(1, -1)}${conflict}}`;
}

/** Fields of a document as the wire has them; those that are there, or those that changed after a revision. */
export function fieldsText(view: View, names: Iterable<string>, after?: number): string {
  const members: string[] = [];
  for (const name of names) {
    const field = view.field(name)?.field;
    if (field === undefined) continue;
    if (after === undefined ? textOf(field) === undefined && conflictOf(field).length === 0 : field.revision <= after)
      continue;
    members.push(`${JSON.stringify(name)}:${fieldText(view, name, field)}`);
  }
  return `{${members.join(',')}}`;
}

/** RFC 3339 time of a hybrid time. */
export function timeOf(time: string): string {
  return new Date(time === '' ? 0 : millisecondsOf(time)).toISOString();
}

function alternativeText({ text, by, time, base }: Version): string {
  const rest = JSON.stringify({ by, at: timeOf(time), ...(base === undefined ? {} : { base }) });
  return `${text === undefined ? '{"deleted":true' : `{"value":${text}`},${rest.slice(1)}`;
}
