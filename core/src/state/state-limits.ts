import { token } from '../plugin/token.js';

/** Bounds of documents. */
export interface StateLimits {
  /** Fields of a document, without those that were deleted. */
  readonly fields: number;
  /** A field as it is kept: its value, and what its rule keeps for merging. */
  readonly fieldBytes: number;
  /** All fields of a document, as they are kept. */
  readonly documentBytes: number;
  /** Schemas and rules of a document, as JSON. */
  readonly definitionBytes: number;
  /** Deleted fields of a document, and deleted keys of a map, that are remembered one by one. */
  readonly tombstones: number;
  /** How deep a document may nest after a patch. */
  readonly depth: number;
  /** Versions of a field that wait for a decision, beside the one that holds. */
  readonly alternatives: number;
  /** Writes that the history of a document keeps. */
  readonly historyEntries: number;
  /**
   * A value longer than this is not in the history once it holds, only its size, unless it went over what its writer did not know or
   * another goes over it like that.
   */
  readonly historyValueBytes: number;
  /** Bytes that the history of a document keeps; the last write is kept whatever its size. */
  readonly historyBytes: number;
  /** Replicas of a document whose last synchronisation is remembered. */
  readonly replicas: number;
  /** Changes of a replica that are taken at once. */
  readonly syncChanges: number;
  /** Documents kept in memory. */
  readonly loadedDocuments: number;
  /** Bytes of fields kept in memory, of all documents together. */
  readonly loadedBytes: number;
  /** Changes of one document that wait for their commit. */
  readonly waitingPerDocument: number;
  /** Changes of one document in one commit. */
  readonly changesPerCommit: number;
  /** Bytes written by one commit past which it takes no further change. */
  readonly commitBytes: number;
  /** How far ahead of the daemon's clock the time of a replica's write may be; it counts as written now past that. */
  readonly clockAheadMs: number;
  /** Readers that may wait for changes, of all documents together. */
  readonly watchers: number;
  /** Bytes of changes that a watcher gets at once, about. */
  readonly watchBytes: number;
}
/** Token of {@link StateLimits}. */
export const StateLimits = token<StateLimits>('state-limits');
/** What {@link StateLimits} are unless configured. */
export const STATE_LIMITS: StateLimits = {
  fields: 1_000,
  fieldBytes: 65_536,
  documentBytes: 1_048_576,
  definitionBytes: 65_536,
  tombstones: 1_000,
  depth: 64,
  alternatives: 8,
  historyEntries: 512,
  historyValueBytes: 256,
  historyBytes: 262_144,
  replicas: 256,
  syncChanges: 256,
  loadedDocuments: 1_000,
  loadedBytes: 67_108_864,
  waitingPerDocument: 1_024,
  changesPerCommit: 128,
  commitBytes: 524_288,
  clockAheadMs: 60_000,
  watchers: 10_000,
  watchBytes: 262_144,
};
