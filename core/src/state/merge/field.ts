/** What becomes of two writes to a field that did not know of each other. */
export type Rule = 'refuse' | 'last-write' | 'merge' | 'keep-both';
/** How a field with the rule `merge` is merged. */
export type MergeKind = 'map' | 'set' | 'counter';
/** A rule, with the kind of merge where it is that. */
export type Policy = Exclude<Rule, 'merge'> | MergeKind;

/** Who wrote something, and when. */
export interface Stamp {
  /** Hybrid time. */
  readonly time: string;
  /** Principal. */
  readonly by: string;
  /** The document's revision that it made. */
  readonly revision: number;
  /** The replica that wrote it without a connection, where one did. */
  readonly origin?: string | undefined;
}

/** A value as JSON text with its stamp; without text it is a deletion. */
export interface Version extends Stamp {
  readonly text?: string | undefined;
  /** The revision that its writer knew. */
  readonly base?: number | undefined;
}

/** A field of which one version holds; more than one only where both of two were to be kept. */
export interface PlainField {
  readonly kind: 'plain';
  /** The document's revision that last changed it. */
  readonly revision: number;
  /** The one that holds, which is the latest, and those in conflict with it, later ones first. */
  readonly versions: readonly [Version, ...Version[]];
}

/** When a merged field was last written and last deleted; it is there when the first is later, or when something is in it. */
interface Merged {
  readonly revision: number;
  readonly time: string;
  readonly by: string;
  readonly written: string;
  readonly deleted: string;
}

/** A map whose keys merge one by one. */
export interface MapField extends Merged {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Version>;
  /** Stands for every key that is not there: the latest deletion that was forgotten. */
  readonly floor: Version;
}

/** A set from which only what was seen in it can be removed; its items are canonical JSON texts. */
export interface SetField extends Merged {
  readonly kind: 'set';
  readonly items: ReadonlyMap<string, readonly Stamp[]>;
}

/** A number that is the sum of what was added to it. */
export interface CounterField extends Merged {
  readonly kind: 'counter';
  readonly sum: number;
  /** The replica that wrote it last without a connection, where one did. */
  readonly origin?: string | undefined;
  /** The document's revision of the last write of anybody else. */
  readonly others: number;
}

/** The state of one field. */
export type Field = PlainField | MapField | SetField | CounterField;

/** What a write wants; the names are those of the wire. */
export type Operation =
  | { readonly type: 'value'; readonly text: string }
  | { readonly type: 'delete' }
  | { readonly type: 'add'; readonly delta: number }
  | { readonly type: 'insert'; readonly items: readonly string[] }
  | { readonly type: 'remove'; readonly items: readonly string[] }
  | { readonly type: 'set'; readonly entries: ReadonlyMap<string, string> }
  | { readonly type: 'unset'; readonly keys: readonly string[] };

/** One write on its way into a field. */
export interface Write extends Stamp {
  readonly operation: Operation;
  /** The document's revision that its writer knew; without one, it is meant for whatever is there. */
  readonly base?: number | undefined;
}

/** What became of a write. */
export interface Merge {
  /** The same object where nothing changed. */
  readonly field: Field;
  /**
   * `written`: it holds; `merged`: it holds together with what its writer did not know; `conflict`: it is kept beside what its writer
   * did not know; `kept`: what was there is later, and stays; `refused`: it was not taken.
   */
  readonly outcome: 'written' | 'merged' | 'conflict' | 'kept' | 'refused';
  /** Why it was refused. */
  readonly reason?: string;
}

/** Bounds of what one field keeps for merging. */
export interface MergeLimits {
  /** Versions that wait for a decision, beside the one that holds. */
  readonly alternatives: number;
  /** Deletions that are remembered one by one, as long as they take no more than a quarter of {@link MergeLimits.fieldBytes}. */
  readonly tombstones: number;
  /** Of a field as it is stored. */
  readonly fieldBytes: number;
}

/** Whether a writer knew of what it writes over. */
export function observed(stamp: Stamp, write: Write): boolean {
  return (
    write.base === undefined ||
    stamp.revision <= write.base ||
    (write.origin !== undefined && stamp.origin === write.origin && stamp.by === write.by)
  );
}

/** The stamp of a write. */
export function stampOf({ time, by, revision, origin }: Stamp): Stamp {
  return origin === undefined ? { time, by, revision } : { time, by, revision, origin };
}

/** What a refused write answers. */
export function refused(field: Field, reason: string): Merge {
  return { field, outcome: 'refused', reason };
}

/** The later of two times. */
export function later(a: string, b: string): string {
  return a > b ? a : b;
}
