import { LevelStore, verifyJournal } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { levelOptions, openLevel } from './support/open-level.js';

const KIB = 1024;
const SMALL = { segmentBytes: 64 * KIB, maxCommitBytes: 16 * KIB, maxGroupBytes: 16 * KIB, checkpointBytes: 64 * KIB };
const event = { action: 'test.happened', resource: 'test/1', principal: 'tester' };

async function nameOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'errorName' in error ? error.errorName : error),
  );
}

describe('storage-level', () => {
  it('shares one sync among the commits that wait for it [STORE-02]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'store-level-'));
    const groups: number[] = [];
    const store = await LevelStore.open({ ...levelOptions(path), measured: ({ commits }) => groups.push(commits) });
    try {
      await Promise.all(Array.from({ length: 300 }, (_, n) => store.commit({ puts: [{ key: `k${n}`, value: n }] })));
      expect(groups).to.deep.equal([300]);
    } finally {
      await store.close();
      await rm(path, { recursive: true });
    }
  });

  it('refuses what is past its bounds on size and on waiting, by the name of the limit [STORE-03]', async () => {
    const { store, dispose } = await openLevel({ maxCommitBytes: 2048, maxWaitingCommits: 3 });
    try {
      const limit = async (answer: Promise<unknown>): Promise<unknown> =>
        answer.then(
          () => 'committed',
          (error: unknown) =>
            error instanceof Error && 'data' in error ? (error.data as { limit?: string }).limit : error,
        );
      expect(await limit(store.commit({ puts: [{ key: 'a', value: 'x'.repeat(3000) }] }))).to.equal('maxCommitBytes');
      const many = Array.from({ length: 5 }, (_, n) => limit(store.commit({ puts: [{ key: `k${n}`, value: n }] })));
      expect(await Promise.all(many)).to.deep.equal([
        'committed',
        'committed',
        'committed',
        'maxWaitingCommits',
        'maxWaitingCommits',
      ]);
    } finally {
      await dispose();
    }
  });

  it('feeds a watcher that is behind from the log, and tells one that is too far behind [STORE-04]', async () => {
    const { store, dispose } = await openLevel({ ...SMALL, keptLogBytes: 128 * KIB, recentChangesBytes: 4 * KIB });
    try {
      const revisions: number[] = [];
      for (let n = 0; n < 80; n++) {
        const result = await store.commit({ puts: [{ key: `k${n}`, value: 'x'.repeat(8000) }] });
        if (result.committed) revisions.push(result.revision);
      }
      const abort = new AbortController();
      const seen: number[] = [];
      for await (const { revision } of store.watch('k', revisions[69] ?? 0, abort.signal)) {
        seen.push(revision);
        if (seen.length === 10) abort.abort();
      }
      expect(seen).to.deep.equal(revisions.slice(70));
      const late = store.watch('k', 0, new AbortController().signal)[Symbol.asyncIterator]();
      expect(await nameOf(late.next())).to.equal('cursor_expired');
      const future = store.watch('k', 1_000_000, new AbortController().signal)[Symbol.asyncIterator]();
      expect(await nameOf(future.next())).to.equal('cursor_expired');
    } finally {
      await dispose();
    }
  });

  it('opens a snapshot, which goes on where it was taken while the original is written to [STORE-05]', async () => {
    const { store, path, dispose } = await openLevel();
    const copy = `${path}-copy`;
    try {
      for (let n = 0; n < 50; n++) await store.commit({ puts: [{ key: `k${n}`, value: n }], events: [event] });
      const [manifest] = await Promise.all([
        store.snapshot(copy),
        ...Array.from({ length: 200 }, (_, n) =>
          store.commit({ puts: [{ key: `later${n}`, value: n }], events: [event] }),
        ),
      ]);
      expect(await verifyJournal(copy)).to.deep.equal({
        valid: true,
        records: manifest.journal.sequence,
        head: manifest.journal,
      });
      const restored = await LevelStore.open(levelOptions(copy));
      try {
        expect(restored.revision).to.equal(manifest.revision);
        expect(await restored.get('k49')).to.deep.equal(await store.get('k49'));
        const next = await restored.commit({ puts: [{ key: 'new', value: 1 }] });
        expect(next).to.deep.equal({ committed: true, revision: manifest.revision + 1, sequence: 0 });
        expect((await restored.verify()).findings).to.deep.equal([]);
      } finally {
        await restored.close();
      }
    } finally {
      await dispose();
      await rm(copy, { recursive: true, force: true });
    }
  });

  it('refuses data of a newer schema version and of another format, with what to do [STORE-06]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'store-level-'));
    try {
      const migration = { version: 2, name: 'nothing', step: () => Promise.resolve({}) };
      await (await LevelStore.open({ ...levelOptions(path), migrations: [migration] })).close();
      const message = await LevelStore.open(levelOptions(path)).then(
        () => 'opened',
        (error: unknown) => String(error),
      );
      expect(message).to.match(/schema version 2 and this version knows up to 1; start the newer version/);
    } finally {
      await rm(path, { recursive: true });
    }
  });

  it('refuses limits that do not fit each other, by the key [STORE-03]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'store-level-'));
    try {
      const refused = LevelStore.open(levelOptions(path, { segmentBytes: 64 * KIB, maxCommitBytes: 32 * KIB }));
      expect(await refused.catch(String)).to.match(/limits.maxCommitBytes \(32768\) is more than a quarter/);
    } finally {
      await rm(path, { recursive: true });
    }
  });

  it('refuses work after it was closed', async () => {
    const { store, dispose } = await openLevel();
    await dispose();
    expect([await nameOf(store.get('a')), await nameOf(store.commit({})), store.state]).to.deep.equal([
      'unavailable',
      'unavailable',
      'closed',
    ]);
  });
});
