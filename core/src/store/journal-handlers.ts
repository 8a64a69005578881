import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { journalMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { Handler } from '../plugin/plugin.js';
import type { SubscriptionBatch } from '../rpc/session.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { Journal, JournalFilter } from './journal.js';

type Page = ResultOf<typeof journalMethods.journalRead>;

const DEFAULT_LIMIT = 100;
const MARK = 'journal:';

/** Answers the methods that read the journal. */
export function journalHandlers(journal: Journal): {
  readonly journalRead: Handler<typeof journalMethods.journalRead>;
  readonly journalSubscribe: Handler<typeof journalMethods.journalSubscribe>;
} {
  /** Where a cursor stands. Past the last record it is of another journal, or of one that was set back to a snapshot. */
  const reached = (cursor: string): number => {
    const sequence = sequenceIn(cursor);
    const last = journal.head.sequence;
    if (sequence <= last) return sequence;
    throw new OrchestratorError('cursor_expired', `the journal ends with record ${String(last)}; was it restored?`, {
      last,
    });
  };
  return {
    async journalRead({ after, fromSequence, limit = DEFAULT_LIMIT, ...filter }) {
      if (after !== undefined && fromSequence !== undefined) throw invalid('/fromSequence', 'goes without after');
      const afterSequence = after === undefined ? (fromSequence ?? 1) - 1 : reached(after);
      const page = await journal.read({ afterSequence, limit, ...filtered(filter) });
      const entries = page.entries as unknown as Page['entries'];
      return page.more ? { entries, cursor: journalCursor(page.scannedTo) } : { entries };
    },
    async journalSubscribe({ after, ...filter }, call) {
      const session = connectionOf(call);
      const afterSequence = after === undefined ? journal.head.sequence : reached(after);
      // A cursor that is too old is refused in the answer, not by a subscription that ends at once.
      if (after !== undefined) await journal.read({ afterSequence, limit: 1 });
      const cursor = journalCursor(afterSequence);
      const subscriptionId = session.subscribe(
        (signal) => batches(journal.follow({ afterSequence, ...filtered(filter), signal })),
        cursor,
        'journal:read',
      );
      return { subscriptionId, cursor };
    },
  };
}

/** Where a reader of the journal is. */
export function journalCursor(sequence: number): string {
  return Buffer.from(`${MARK}${String(sequence)}`).toString('base64url');
}

async function* batches(source: ReturnType<Journal['follow']>): AsyncIterable<SubscriptionBatch> {
  for await (const { entries, scannedTo } of source) yield { entries, cursor: journalCursor(scannedTo) };
}

/** Reading without a filter looks at no more records than it answers. */
function filtered(filter: JournalFilter): { filter?: JournalFilter } {
  return Object.keys(filter).length === 0 ? {} : { filter };
}

function sequenceIn(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const sequence = Number(text.slice(MARK.length));
  if (text.startsWith(MARK) && Number.isSafeInteger(sequence) && sequence >= 0) return sequence;
  throw invalid('/after', 'must come from an earlier answer of the journal');
}

function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
}
