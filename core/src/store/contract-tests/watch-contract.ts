import assert from 'node:assert/strict';
import type { ChangeSet, Store } from '../store.js';
import type { OpenStore } from './store-contract.js';
import { put, withStore } from './with-store.js';

async function take(store: Store, prefix: string, after: number, count: number): Promise<ChangeSet[]> {
  const abort = new AbortController();
  const sets: ChangeSet[] = [];
  for await (const set of store.watch(prefix, after, abort.signal)) {
    sets.push(set);
    if (sets.length === count) abort.abort();
  }
  return sets;
}

/** watch. */
export function watchContract(open: OpenStore): void {
  describe('watch', () => {
    it(
      'tells the changes under a prefix, one set a commit, with values and deletions',
      withStore(open, async (store) => {
        const watched = take(store, 'a/', 0, 2);
        const first = await store.commit({
          puts: [
            { key: 'a/1', value: { n: 1 } },
            { key: 'b/1', value: 2 },
          ],
        });
        await put(store, 'b/2', 1);
        const last = await store.commit({ deletes: ['a/1'] });
        assert.ok(first.committed && last.committed);
        assert.deepEqual(await watched, [
          {
            revision: first.revision,
            changes: [{ type: 'put', key: 'a/1', value: { n: 1 }, revision: first.revision }],
          },
          { revision: last.revision, changes: [{ type: 'delete', key: 'a/1', revision: last.revision }] },
        ]);
      }),
    );

    it(
      'goes on after any revision, each commit once, also after a restart',
      withStore(open, async (store, under) => {
        const revisions: number[] = [];
        for (let i = 0; i < 10; i++) revisions.push(await put(store, `k${i}`, i));
        const seen = await take(store, 'k', revisions[3] ?? 0, 6);
        const again = await under.reopen();
        const reread = await take(again, 'k', revisions[3] ?? 0, 6);
        assert.deepEqual([seen.map(({ revision }) => revision), reread], [revisions.slice(4), seen]);
      }),
    );

    it(
      'tells what is written while its reader is busy',
      withStore(open, async (store) => {
        const abort = new AbortController();
        const seen: number[] = [];
        await put(store, 'k', 0);
        for await (const { revision } of store.watch('k', 0, abort.signal)) {
          seen.push(revision);
          if (seen.length === 1) for (let i = 0; i < 20; i++) await put(store, `k${i}`, i);
          if (seen.length === 21) abort.abort();
        }
        assert.deepEqual(
          seen,
          seen.map((_, i) => (seen[0] ?? 0) + i),
        );
      }),
    );

    it(
      'ends when its signal aborts, also before the first change',
      withStore(open, async (store) => {
        const abort = new AbortController();
        const ended = (async (): Promise<number> => {
          let sets = 0;
          for await (const set of store.watch('', 0, abort.signal)) sets += set.changes.length;
          return sets;
        })();
        abort.abort();
        assert.equal(await ended, 0);
      }),
    );

    it(
      'does not tell of commits that conflicted',
      withStore(open, async (store) => {
        await store.commit({ checks: [{ key: 'a', revision: 9 }], puts: [{ key: 'a', value: 1 }] });
        const revision = await put(store, 'a', 2);
        assert.deepEqual(await take(store, '', 0, 1), [
          { revision, changes: [{ type: 'put', key: 'a', value: 2, revision }] },
        ]);
      }),
    );
  });
}
