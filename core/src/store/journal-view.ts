import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Journal, JournalEntry, JournalFilter } from './journal.js';
import type { EventDraft } from './record.js';
import { JOURNAL_PREFIX, journalKey, Store, type Entry } from './store.js';

/** Records that one page looks at, whether they match or not; bounds the work of a selective filter. */
const SCAN_PAGE = 1000;
/** Few, because what a page takes in memory, as bytes, values and text, is taken for every subscriber that catches up. */
const FOLLOW_PAGE = 20;
/** Sorts after every journal key. */
const JOURNAL_END = JOURNAL_PREFIX.replace('/', '0');

/** The journal as a view of the store: its records are the entries under {@link JOURNAL_PREFIX}. */
@injectable()
export class JournalView implements Journal {
  readonly #store: Store;

  constructor(@inject(Store) store: Store) {
    this.#store = store;
  }

  get head(): { readonly sequence: number; readonly hash: string } {
    return this.#store.journalHead;
  }

  async append(events: readonly EventDraft[]): Promise<void> {
    const result = await this.#store.commit({ events });
    if (!result.committed) throw new Error('a commit without checks cannot conflict');
  }

  /**
   * Looks at no more than 1,000 records, so that a page may have fewer entries than `limit` and still have `more`.
   *
   * @throws OrchestratorError `cursor_expired` when the records after that one are no longer kept
   */
  async read({
    afterSequence,
    limit,
    filter,
  }: {
    afterSequence: number;
    limit: number;
    filter?: JournalFilter;
  }): Promise<{ entries: readonly JournalEntry[]; scannedTo: number; more: boolean }> {
    const { sequence } = this.head;
    if (afterSequence >= sequence) return { entries: [], scannedTo: afterSequence, more: false };
    const from = journalKey(afterSequence + 1);
    const page = await this.#store.range({
      from,
      to: JOURNAL_END,
      limit: filter === undefined ? Math.min(limit, SCAN_PAGE) : SCAN_PAGE,
    });
    await this.#expectStart(afterSequence, page.entries[0]);
    const entries: JournalEntry[] = [];
    let scannedTo = afterSequence;
    for (const { value } of page.entries) {
      // Only the store writes under this prefix, from sealed records.
      const entry = value as unknown as JournalEntry;
      if (matches(entry, filter)) {
        if (entries.length === limit) return { entries, scannedTo, more: true };
        entries.push(entry);
      }
      scannedTo = entry.sequence;
    }
    return { entries, scannedTo, more: page.next !== undefined };
  }

  async *follow({
    afterSequence,
    filter,
    signal,
  }: {
    afterSequence: number;
    filter?: JournalFilter;
    signal: AbortSignal;
  }): AsyncGenerator<{ entries: readonly JournalEntry[]; scannedTo: number }> {
    let after = afterSequence;
    while (!signal.aborted) {
      // Taken before reading, so that what is written meanwhile wakes the next round.
      const { revision } = this.#store;
      const page = await this.read({
        afterSequence: after,
        limit: FOLLOW_PAGE,
        ...(filter === undefined ? {} : { filter }),
      });
      if (page.scannedTo > after) {
        after = page.scannedTo;
        yield { entries: page.entries, scannedTo: after };
      }
      if (!page.more) await this.#nextRecord(revision, signal);
    }
  }

  /** Resolves at the first record written after that revision, or when the signal aborts. */
  async #nextRecord(afterRevision: number, signal: AbortSignal): Promise<void> {
    try {
      for await (const change of this.#store.watch(JOURNAL_PREFIX, afterRevision, signal)) {
        if (change.changes.length > 0) return;
      }
    } catch (error) {
      // The changes since are no longer kept, so there were some; the records are, and are read next.
      if (!(error instanceof OrchestratorError && error.errorName === 'cursor_expired')) throw error;
    }
  }

  async #expectStart(afterSequence: number, first: Entry | undefined): Promise<void> {
    if (first?.key === journalKey(afterSequence + 1)) return;
    const oldest = await this.#store.range({ from: JOURNAL_PREFIX, to: JOURNAL_END, limit: 1 });
    // A hole in the middle is damage, which verification tells; before the oldest record is what retention took.
    if (oldest.entries[0] !== undefined && oldest.entries[0].key <= journalKey(afterSequence + 1)) return;
    throw new OrchestratorError('cursor_expired', `journal records after ${afterSequence} are no longer kept`, {
      oldest: oldest.entries[0]?.key.slice(JOURNAL_PREFIX.length),
    });
  }
}

function matches(entry: JournalEntry, filter: JournalFilter | undefined): boolean {
  if (filter === undefined) return true;
  const { actions, resource } = filter;
  const action = actions === undefined || actions.some((wanted) => selects(wanted, entry.action, '.'));
  return action && (resource === undefined || selects(resource, entry.resource, '/'));
}

function selects(wanted: string, found: string, separator: string): boolean {
  return wanted.endsWith(separator) ? found.startsWith(wanted) : found === wanted;
}
