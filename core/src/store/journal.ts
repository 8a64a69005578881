import { token } from '../plugin/token.js';
import type { EventDraft } from './record.js';
import type { JsonValue } from './store.js';

/** One record of the journal, as readers get it; the protocol's `JournalRecord`. */
export interface JournalEntry {
  readonly sequence: number;
  readonly time: string;
  readonly node: string;
  readonly principal: string;
  readonly onBehalfOf?: readonly string[];
  readonly action: string;
  readonly resource: string;
  readonly outcome: 'success' | 'failure' | 'denied';
  readonly details?: { readonly [member: string]: JsonValue };
  readonly contentHash?: string;
  readonly traceId?: string;
  readonly previous: string;
  readonly hash: string;
}

/** Which records a reader wants; all unless said. */
export interface JournalFilter {
  /** Event names, or prefixes that end with `.`. */
  readonly actions?: readonly string[];
  /** A resource, or a prefix that ends with `/`. */
  readonly resource?: string;
}

/** The append-only, hash-chained record of everything that happened; a view of the store. */
export interface Journal {
  readonly head: { readonly sequence: number; readonly hash: string };
  /** Appends events that go with no other change; resolves once they are durable. */
  append(events: readonly EventDraft[]): Promise<void>;
  /**
   * A page of matching records after a sequence; `scannedTo` is the sequence to go on from.
   *
   * @throws OrchestratorError `cursor_expired` when records after that one are no longer kept
   */
  read(options: {
    afterSequence: number;
    limit: number;
    filter?: JournalFilter;
  }): Promise<{ entries: readonly JournalEntry[]; scannedTo: number; more: boolean }>;
  /** Matching records after a sequence, as they come, each once, until the signal aborts. */
  follow(options: {
    afterSequence: number;
    filter?: JournalFilter;
    signal: AbortSignal;
  }): AsyncIterable<{ entries: readonly JournalEntry[]; scannedTo: number }>;
}
/** Token of {@link Journal}. */
export const Journal = token<Journal>('journal');
