import { later, observed, refused } from './field.js';
import type { Merge, MergeLimits, PlainField, Version, Write } from './field.js';

const NONE: readonly Version[] = [];

/** Takes a write only from who knew what is there. */
export function mergeRefusing(field: PlainField, write: Write): Merge {
  const [held] = field.versions;
  const known = write.base === undefined ? held.text === undefined : observed(held, write);
  if (!known) return refused(field, 'it was written meanwhile');
  return { field: only(field, write), outcome: 'written' };
}

/** Keeps the later of two writes that did not know of each other. */
export function mergeLastWrite(field: PlainField, write: Write): Merge {
  const [held] = field.versions;
  if (observed(held, write) || write.time > held.time) return { field: only(field, write), outcome: 'written' };
  return { field, outcome: 'kept' };
}

/** Keeps both of two writes that did not know of each other, until somebody who knows both decides. */
export function mergeKeepingBoth(field: PlainField, write: Write, limits: MergeLimits): Merge {
  const version = versionOf(field, write);
  const unknown = field.versions.filter((other) => !observed(other, write));
  if (unknown.length > limits.alternatives) return refused(field, 'too many versions of it wait for a decision');
  const [first = version, ...rest] = [version, ...unknown].sort((a, b) => (a.time > b.time ? -1 : 1));
  const merged: PlainField = { kind: 'plain', revision: write.revision, versions: [first, ...rest] };
  return { field: merged, outcome: alternatives(merged).length > 0 ? 'conflict' : 'written' };
}

/** The versions that wait for a decision beside the one that holds; what two wrote alike is no conflict. */
export function alternatives(field: PlainField): readonly Version[] {
  if (field.versions.length === 1) return NONE;
  const seen = new Set([field.versions[0].text]);
  return field.versions.filter(({ text }) => !seen.has(text) && seen.add(text));
}

function only(field: PlainField, write: Write): PlainField {
  return { kind: 'plain', revision: write.revision, versions: [versionOf(field, write)] };
}

/** Who knew what is there wrote later, whatever its clock says. */
function versionOf(field: PlainField, write: Write): Version {
  const [held] = field.versions;
  const { operation, by, revision, origin, base } = write;
  const time = observed(held, write) ? later(write.time, held.time) : write.time;
  const text = operation.type === 'value' ? operation.text : undefined;
  return { time, by, revision, origin, base, text };
}
