import assert from 'node:assert/strict';
import type { OpenStore } from './store-contract.js';
import { put, withStore } from './with-store.js';

/** Purging, as far as it can be seen without knowing where the store keeps things. */
export function purgeContract(open: OpenStore): void {
  describe('purge', () => {
    it(
      'changes nothing of what is there: entries, revisions, journal, also over a restart',
      withStore(open, async (store, under) => {
        const event = { action: 'test.happened', resource: 'test/1', principal: 'tester' };
        for (let n = 0; n < 20; n++) await store.commit({ puts: [{ key: `k${n}`, value: n }], events: [event] });
        await store.commit({ deletes: ['k3', 'k4'] });
        const seen = async (from = store) => ({
          entries: (await from.range({ from: 'k', to: 'l' })).entries,
          revision: from.revision,
          head: from.journalHead,
          healthy: (await from.verify()).healthy,
        });
        const before = await seen();
        await store.purge();
        assert.deepEqual(await seen(), before);
        assert.deepEqual(await seen(await under.reopen()), before);
      }),
    );

    it(
      'lets commits go on, and several calls share what they wait for',
      withStore(open, async (store) => {
        await put(store, 'gone', 'x');
        await store.commit({ deletes: ['gone'] });
        const purges = Array.from({ length: 20 }, () => store.purge());
        const revisions = await Promise.all(Array.from({ length: 50 }, (_, n) => put(store, `k${n}`, n)));
        await Promise.all(purges);
        const { entries } = await store.range({ from: 'k', to: 'l' });
        assert.deepEqual(
          entries.map(({ revision }) => revision).sort((a, b) => a - b),
          revisions,
        );
      }),
    );
  });
}
