import { token } from '../plugin/token.js';
import type { EventDraft } from './record.js';

/** What a store keeps: any JSON value. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [member: string]: JsonValue };

/** A key, its value and the revision of the commit that last wrote it. */
export interface Entry {
  readonly key: string;
  readonly value: JsonValue;
  readonly revision: number;
}

/** A key, its value as JSON text, and the revision of the commit that last wrote it. */
export interface TextEntry {
  readonly key: string;
  readonly text: string;
  readonly revision: number;
}

/** What is written under a key: a value, or JSON text that its writer has checked, which is kept as it is and not parsed. */
export type Put = { readonly key: string; readonly value: JsonValue } | { readonly key: string; readonly text: string };

/** One atomic change. Everything in it happens, or nothing. */
export interface Commit {
  /** The key must have this revision; 0: must not exist. */
  readonly checks?: readonly { readonly key: string; readonly revision: number }[];
  readonly puts?: readonly Put[];
  readonly deletes?: readonly string[];
  /** Appended to the journal, in order, in this same commit. */
  readonly events?: readonly EventDraft[];
}

/** What became of a commit. */
export type CommitResult =
  | {
      readonly committed: true;
      /** Of this commit; rises by at least one each. */
      readonly revision: number;
      /** Sequence of the last journal record appended, 0 where there were no events. */
      readonly sequence: number;
    }
  | {
      readonly committed: false;
      /** The first check that did not hold, and the revision found (0: absent). */
      readonly conflict: { readonly key: string; readonly revision: number };
    };

/** Keys from `from` (inclusive) to `to` (exclusive), in byte order of UTF-8. */
export interface RangeOptions {
  readonly from: string;
  readonly to: string;
  /** 1 to 1,000; 100 unless said. */
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** A page of a range; `next` is where to go on: the next page's `from`, or its `to` in reverse. */
export interface RangePage {
  readonly entries: readonly Entry[];
  readonly next?: string;
}

/** One change to one key, in the order of commits. */
export type Change =
  | { readonly type: 'put'; readonly key: string; readonly value: JsonValue; readonly revision: number }
  | { readonly type: 'delete'; readonly key: string; readonly revision: number };

/** The changes of one commit under a prefix. */
export interface ChangeSet {
  readonly revision: number;
  readonly changes: readonly Change[];
}

/** Damage that was found, and what to do. */
export interface Finding {
  readonly what: string;
  readonly advice: string;
}

/** What reading everything showed. */
export interface VerifyReport {
  readonly healthy: boolean;
  readonly entries: number;
  readonly journalRecords: number;
  readonly findings: readonly Finding[];
}

/** What a snapshot directory holds; kept in it as `manifest.json`. */
export interface SnapshotManifest {
  readonly createdAt: string;
  readonly schemaVersion: number;
  readonly revision: number;
  readonly journal: { readonly sequence: number; readonly hash: string };
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/** How a store is doing. */
export type StoreState = 'open' | 'full' | 'fenced' | 'degraded' | 'closed';

/**
 * Where everything durable is kept. Keys are strings of 1 to 1,024 UTF-8 bytes without U+0000; keys that begin with `!` are the
 * store's own and refused in commits. The journal's records are entries under {@link JOURNAL_PREFIX}, written by events only.
 */
export interface Store {
  /** Revision of the last durable commit. */
  readonly revision: number;
  readonly state: StoreState;
  /** Why the state is not `open`, and what to do. */
  readonly stateReason: string | undefined;
  /** Sequence and hash of the last journal record; sequence 0 and 64 zeros when there is none. */
  readonly journalHead: { readonly sequence: number; readonly hash: string };

  /** @throws OrchestratorError `storage_corruption` when the entry is damaged */
  get(key: string): Promise<Entry | undefined>;
  /** In the order asked; `undefined` where there is none. */
  getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]>;
  /** As {@link Store.getMany}, without parsing: for values that are sent on as they are. */
  getTexts(keys: readonly string[]): Promise<readonly (TextEntry | undefined)[]>;
  range(options: RangeOptions): Promise<RangePage>;
  /**
   * Resolves only when the change would survive a power cut. Commits are applied in the order of the calls. A conflict is a value,
   * not an error.
   *
   * @throws OrchestratorError `storage_full` (retryable; nothing was written), `storage_fenced` (whether it was written is
   *   unknown; nothing more will be), `limit_exceeded` (too large, or too many waiting), `invalid_params` (a bad key)
   */
  commit(commit: Commit): Promise<CommitResult>;
  /**
   * Every commit after `afterRevision` that changes a key with this prefix, in order, each once, until the signal aborts. A reader
   * that is slow does not hold memory: it is fed from disk.
   *
   * @throws OrchestratorError `cursor_expired` when revisions after that one are no longer kept
   */
  watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<ChangeSet>;
  /** Writes a consistent copy that a store can be opened from; the directory must not exist yet. */
  snapshot(directory: string): Promise<SnapshotManifest>;
  /** Reads everything; yields to the event loop. */
  verify(): Promise<VerifyReport>;
  /**
   * Resolves once every value that was deleted or replaced before the call is gone from all files of this store; commits go on meanwhile.
   * Calls that wait share one run. Watchers that are behind get `cursor_expired`. After a crash the same call ends what was begun.
   *
   * @throws OrchestratorError `storage_full`, `storage_fenced`, `unavailable` (closed meanwhile, or readers hold old files; retry)
   */
  purge(): Promise<void>;
}
/** Token of {@link Store}. */
export const Store = token<Store>('store');

/** Where the journal's records are, keyed by their sequence in 16 decimal digits. */
export const JOURNAL_PREFIX = 'journal/';

/** The key of a journal record. */
export function journalKey(sequence: number): string {
  return JOURNAL_PREFIX + String(sequence).padStart(16, '0');
}
