import type { DefinedFields } from './definitions.js';
import type { Field, Version } from './merge/field.js';
import { conflictOf, textOf } from './merge/read.js';

/** A field as a document holds it. */
export interface Held {
  readonly field: Field;
  /** As it is kept. */
  readonly bytes: number;
  /** The store's revision of its entry; 0 where it has none. */
  readonly storedAt: number;
}

/** What a document holds, in numbers. */
export interface Totals {
  readonly fields: number;
  readonly tombstones: number;
  readonly conflicts: number;
  /** Of all fields as they are kept, deleted ones too. */
  readonly bytes: number;
}

/** What all writes of one replica up to a time became. */
export interface ReplicaRecord {
  readonly by: string;
  readonly replica: string;
  /** Of its last change that came. */
  readonly time: string;
  /** What its last synchronisation answered for each change, in order. */
  readonly results: readonly string[];
  readonly storedAt: number;
}

/** What is read of a document: as it is, or as a draft would make it. */
export interface View {
  readonly revision: number;
  readonly defined: DefinedFields;
  /** The latest deletion of a field that is no longer remembered by name. */
  readonly floor: Version;
  /** The latest time of a replica that is no longer remembered. */
  readonly replicaFloor: string;
  readonly totals: Totals;
  replica(name: string): ReplicaRecord | undefined;
  replicas(): Iterable<ReplicaRecord>;
  field(name: string): Held | undefined;
  /** Names of all fields, deleted ones too. */
  names(): Iterable<string>;
}

/** Totals after one field changed. */
export function changed(totals: Totals, before: Held | undefined, after: Held | undefined): Totals {
  const was = counted(before);
  const is = counted(after);
  return {
    fields: totals.fields + is.fields - was.fields,
    tombstones: totals.tombstones + is.tombstones - was.tombstones,
    conflicts: totals.conflicts + is.conflicts - was.conflicts,
    bytes: totals.bytes + is.bytes - was.bytes,
  };
}

/** Totals of a document without fields. */
export const NOTHING: Totals = { fields: 0, tombstones: 0, conflicts: 0, bytes: 0 };

function counted(held: Held | undefined): Totals {
  if (held === undefined) return NOTHING;
  const there = textOf(held.field) !== undefined;
  return {
    fields: there ? 1 : 0,
    tombstones: there ? 0 : 1,
    conflicts: conflictOf(held.field).length > 0 ? 1 : 0,
    bytes: held.bytes,
  };
}

/** What a replica is remembered by: the name that it gave itself, and whose it is. */
export function replicaName({ by, replica }: Pick<ReplicaRecord, 'by' | 'replica'>): string {
  return `${replica}-${encodeURIComponent(by)}`;
}
