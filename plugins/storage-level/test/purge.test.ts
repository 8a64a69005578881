import { filesWithText, LevelStore } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { holdNextRead } from './support/held-read.js';
import { openLevel } from './support/open-level.js';

const KIB = 1024;
const SMALL = {
  segmentBytes: 256 * KIB,
  maxCommitBytes: 64 * KIB,
  maxGroupBytes: 64 * KIB,
  checkpointBytes: 256 * KIB,
  writeBufferBytes: 64 * KIB,
};
const SECRET = 'the-secret-of-a-conversation';
const event = { action: 'test.happened', resource: 'test/1', principal: 'tester' };

/** Values that compress well beside ones that do not, so that tables and write-ahead logs of several kinds hold the secret. */
function secretValue(n: number): string {
  const filling =
    n % 2 === 0 ? 'abc '.repeat(500) : Array.from({ length: 500 }, () => Math.random().toString(36)).join('');
  return `${filling} ${SECRET} ${n}`;
}

async function fill(store: LevelStore, rounds: number): Promise<void> {
  for (let n = 0; n < rounds; n++) {
    const name = String(n).padStart(4, '0');
    await Promise.all([
      store.commit({ puts: [{ key: `secret/${name}`, value: secretValue(n) }], events: [event] }),
      store.commit({ puts: [{ key: `kept/${name}`, value: `kept ${n} ${'x'.repeat(500)}` }] }),
      store.commit({ puts: [{ key: 'replaced', value: secretValue(n) }] }),
    ]);
  }
}

async function deleteSecrets(store: LevelStore): Promise<void> {
  for (;;) {
    const { entries } = await store.range({ from: 'secret/', to: 'secret0', limit: 1000 });
    if (entries.length === 0) break;
    await store.commit({ deletes: entries.map(({ key }) => key) });
  }
  await store.commit({ puts: [{ key: 'replaced', value: 'harmless' }] });
}

function levelStore(store: unknown): LevelStore {
  if (store instanceof LevelStore) return store;
  throw new Error('not a level store');
}

describe('Store.purge of storage-level', () => {
  for (const rounds of [1, 3, 60, 400]) {
    it(`leaves nothing of what was deleted or replaced in any file, after ${rounds} rounds of writing [STORE-14]`, async function () {
      this.timeout(180_000);
      const under = await openLevel(SMALL);
      try {
        const store = levelStore(under.store);
        await fill(store, rounds);
        await deleteSecrets(store);
        expect(await filesWithText(under.path, SECRET)).to.not.deep.equal([]);
        await store.purge();
        expect(await filesWithText(under.path, SECRET)).to.deep.equal([]);
        const { entries } = await store.range({ from: 'kept/', to: 'kept0', limit: 1000 });
        expect(entries.length).to.equal(rounds);
        expect((await store.verify()).findings).to.deep.equal([]);
      } finally {
        await under.dispose();
      }
    });
  }

  it('holds although tables lie at any level and commits go on, and the store opens again with all of them [STORE-14]', async function () {
    this.timeout(180_000);
    const under = await openLevel(SMALL);
    try {
      const store = levelStore(under.store);
      for (let round = 0; round < 4; round++) {
        await fill(store, 60);
        await deleteSecrets(store);
        const stop = new AbortController();
        const writing = (async () => {
          let count = 0;
          while (!stop.signal.aborted) {
            await store.commit({
              puts: [{ key: `during/${round}/${count++}`, value: 'y'.repeat(3000) }],
              events: [event],
            });
          }
          return count;
        })();
        const reading = (async () => {
          while (!stop.signal.aborted) await store.range({ from: 'a', to: 'z', limit: 1000 });
        })();
        await store.purge();
        expect(await filesWithText(under.path, SECRET)).to.deep.equal([]);
        stop.abort();
        const [count] = await Promise.all([writing, reading]);
        expect(count).to.be.greaterThan(0);
      }
      const before = [store.revision, store.journalHead];
      const again = levelStore(await under.reopen());
      expect([again.revision, again.journalHead]).to.deep.equal(before);
      expect((await again.verify()).findings).to.deep.equal([]);
    } finally {
      await under.dispose();
    }
  });

  it('waits for a read that began before what it sees was deleted, which a merge meanwhile would keep [STORE-16]', async () => {
    const under = await openLevel();
    try {
      const store = levelStore(under.store);
      await store.commit({ puts: [{ key: 'secret/1', value: secretValue(1) }] });
      // Then it is in LevelDB, whose iterators alone have snapshots.
      await store.verify();
      const held = holdNextRead();
      const reading = store.range({ from: 'secret/', to: 'secret0' });
      await held.begun;
      await store.commit({ deletes: ['secret/1'] });
      const purging = store.purge().then(() => 'purged');
      const meanwhile = await Promise.race([purging, delay(1_000, 'it waits')]);
      held.release();
      const [{ entries }] = await Promise.all([reading, purging]);
      expect({ meanwhile, read: entries.length, left: await filesWithText(under.path, SECRET) }).to.deep.equal({
        meanwhile: 'it waits',
        read: 1,
        left: [],
      });
    } finally {
      await under.dispose();
    }
  });

  it('removes the copies of the index that a repair left beside it [STORE-14]', async () => {
    const under = await openLevel();
    try {
      const copy = join(under.path, 'index.damaged-2026');
      await mkdir(copy);
      await writeFile(join(copy, '000005.ldb'), SECRET);
      await under.store.purge();
      expect(await filesWithText(under.path, SECRET)).to.deep.equal([]);
    } finally {
      await under.dispose();
    }
  });
});
