import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENESIS, type EventDraft } from '../record.js';
import { journalKey, type Store } from '../store.js';
import { verifyRecords } from '../verify-journal.js';
import type { OpenStore } from './store-contract.js';
import { put, withStore } from './with-store.js';

function draft(n: number): EventDraft {
  return {
    action: 'test.happened',
    resource: `test/${n}`,
    principal: 'tester',
    details: { n, '2': 'two', '1': 'one' },
  };
}

async function texts(store: Store): Promise<string[]> {
  const page = await store.range({ from: 'journal/', to: 'journal0', limit: 1000 });
  return page.entries.map(({ value }) => JSON.stringify(value));
}

/** Events, the chain of their records, snapshots and verify. */
export function journalContract(open: OpenStore): void {
  describe('events', () => {
    it(
      'become the next records of the journal in the same commit',
      withStore(open, async (store) => {
        assert.deepEqual(store.journalHead, { sequence: 0, hash: GENESIS });
        const result = await store.commit({ puts: [{ key: 'a', value: 1 }], events: [draft(1), draft(2)] });
        assert.ok(result.committed);
        const record = (await store.get(journalKey(2)))?.value as { readonly hash: string } | undefined;
        assert.deepEqual(
          { sequence: result.sequence, head: store.journalHead, record: (await store.get(journalKey(1)))?.revision },
          { sequence: 2, head: { sequence: 2, hash: record?.hash }, record: result.revision },
        );
      }),
    );

    it(
      'are chained without a gap, in the order of the commits, over restarts',
      withStore(open, async (store, under) => {
        await Promise.all(Array.from({ length: 40 }, (_, i) => store.commit({ events: [draft(i)] })));
        const again = await under.reopen();
        await Promise.all(Array.from({ length: 40 }, (_, i) => again.commit({ events: [draft(i)] })));
        const verdict = await verifyRecords(await texts(again), again.journalHead);
        assert.deepEqual(verdict, { valid: true, records: 80, head: again.journalHead });
      }),
    );

    it(
      'give sequence 0 to a commit without any',
      withStore(open, async (store) => {
        await store.commit({ events: [draft(1)] });
        const result = await store.commit({ puts: [{ key: 'a', value: 1 }] });
        assert.ok(result.committed);
        assert.equal(result.sequence, 0);
      }),
    );
  });

  describe('verify', () => {
    it(
      'finds a sound store healthy and counts what is in it',
      withStore(open, async (store) => {
        await put(store, 'a', 1);
        await store.commit({ puts: [{ key: 'b', value: 1 }], events: [draft(1)] });
        assert.deepEqual(await store.verify(), { healthy: true, entries: 2, journalRecords: 1, findings: [] });
      }),
    );
  });

  describe('snapshot', () => {
    it(
      'describes a copy of one moment, and refuses a directory that exists',
      withStore(open, async (store) => {
        await store.commit({ puts: [{ key: 'a', value: 1 }], events: [draft(1)] });
        const directory = await mkdtemp(join(tmpdir(), 'store-contract-'));
        try {
          const manifest = await store.snapshot(join(directory, 'copy'));
          assert.deepEqual([manifest.revision, manifest.journal], [store.revision, store.journalHead]);
          await assert.rejects(store.snapshot(join(directory, 'copy')));
        } finally {
          await rm(directory, { recursive: true });
        }
      }),
    );
  });
}
