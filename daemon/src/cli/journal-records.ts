import type { Methods, ParamsOf } from '@ai-orchestrator/protocol';
import type { Connection } from './connection.js';
import type { JournalRecord } from './journal-text.js';

/** Which records. */
export type JournalFilter = Pick<ParamsOf<Methods['journal.subscribe']>, 'actions' | 'resource'>;

const PAGE = 1000;

/** Matching records among the last `count` of the journal, oldest first. */
export async function* lastRecords(
  daemon: Connection,
  count: number,
  filter: JournalFilter,
): AsyncGenerator<JournalRecord, void, void> {
  if (count === 0) return;
  const { journal } = await daemon.call('daemon.status', {});
  if (journal.sequence === 0) return;
  const fromSequence = Math.max(1, journal.sequence - count + 1);
  yield* (await daemon.call('journal.read', { fromSequence, ...filter, limit: PAGE })).entries;
}

/** Every matching record after a cursor. */
export async function* recordsAfter(
  daemon: Connection,
  cursor: string,
  filter: JournalFilter,
): AsyncGenerator<JournalRecord, void, void> {
  for (let after: string | undefined = cursor; after !== undefined;) {
    const page: Awaited<ReturnType<typeof read>> = await read(after);
    yield* page.entries;
    after = page.cursor;
  }

  function read(after: string) {
    return daemon.call('journal.read', { after, ...filter, limit: PAGE });
  }
}

/**
 * Matching records as they come, until Ctrl-C. With `last`, first those among the last so many: the subscription is opened before they
 * are read, so that none is missed in between, and what both have is given once.
 *
 * @param onEnd told the cursor to go on from
 */
export async function* followRecords(
  daemon: Connection,
  from: { readonly last: number } | { readonly after: string },
  filter: JournalFilter,
  onEnd: (cursor: string) => void,
): AsyncGenerator<JournalRecord, void, void> {
  const after = 'after' in from ? { after: from.after } : {};
  const subscription = await daemon.client.subscribe({ ...filter, ...after }, daemon.signal);
  let seen = 0;
  try {
    if ('last' in from) {
      for await (const record of lastRecords(daemon, from.last, filter)) {
        yield record;
        seen = record.sequence;
      }
    }
    for await (const record of subscription) if (record.sequence > seen) yield record;
  } finally {
    subscription.close();
    if (subscription.cursor !== undefined) onEnd(subscription.cursor);
  }
}
