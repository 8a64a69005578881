import { token } from '../plugin/token.js';

/** Bounds of contexts. */
export interface ContextLimits {
  /** Contexts of one principal that are not erased. */
  readonly contextsPerPrincipal: number;
  /** Participants of one context. */
  readonly participants: number;
  /** Entries of one transcript. */
  readonly entries: number;
  /** Bytes of one transcript. */
  readonly bytes: number;
  /** Bytes of one payload. */
  readonly entryBytes: number;
  /** How long a turn lasts unless the context says otherwise, ms. */
  readonly turnMs: number;
  /** How long entries are kept once a summary stands for them, unless the context says otherwise, ms. */
  readonly originalMs: number;
  /** Between two looks for entries whose retention has ended, ms. */
  readonly sweepMs: number;
  /** At least so long between two runs that rewrite the store for erasures, ms. */
  readonly purgePauseMs: number;
  /** Contexts kept in memory when nobody uses them. */
  readonly idleContexts: number;
  /** Readers that may wait for new entries. */
  readonly readers: number;
  /** Changes of one context that may wait for each other. */
  readonly waitingPerContext: number;
  /** Entries in one page, as JSON. */
  readonly pageBytes: number;
}
/** Token of {@link ContextLimits}. */
export const ContextLimits = token<ContextLimits>('context-limits');

const MiB = 1024 * 1024;

/** What {@link ContextLimits} are unless configured. */
export const CONTEXT_LIMITS: ContextLimits = {
  contextsPerPrincipal: 10_000,
  participants: 64,
  entries: 100_000,
  bytes: 256 * MiB,
  entryBytes: MiB / 4,
  turnMs: 60_000,
  originalMs: 30 * 86_400_000,
  sweepMs: 60_000,
  purgePauseMs: 1000,
  idleContexts: 1024,
  readers: 4096,
  waitingPerContext: 256,
  pageBytes: MiB,
};
