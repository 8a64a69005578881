import type { LevelStore } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { tmpfs } from './support/disks.js';
import { sleep } from './support/loops.js';
import { openStore } from './support/open-store.js';

const SIZE = 4 * 1024 * 1024;
const TEXT = 'x'.repeat(4000);

/** Commits until one is refused; answers what was acknowledged and the refusal's data. */
async function fill(store: LevelStore, run: string): Promise<{ acked: Map<string, number>; refusal: unknown }> {
  const acked = new Map<string, number>();
  for (let n = 0; ; n++) {
    const key = `task/${run}-${n}`;
    try {
      const event = { action: 'task.submitted', resource: key, principal: 'tester' };
      const result = await store.commit({ puts: [{ key, value: TEXT }], events: [event] });
      if (result.committed) acked.set(key, result.revision);
    } catch (error) {
      return { acked, refusal: error instanceof Error && 'data' in error ? error.data : error };
    }
  }
}

async function until(store: LevelStore, state: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (store.state !== state) {
    if (Date.now() > deadline) throw new Error(`the store is ${store.state} (${store.stateReason}), not ${state}`);
    await sleep(20);
  }
}

describe('F05 disk full', () => {
  for (const { reserve, what } of [
    { reserve: 512 * 1024, what: 'its reserve is touched' },
    { reserve: 0, what: 'the file system has not a byte left' },
  ]) {
    it(`refuses new work with a retryable error, reads on, and recovers without a restart when ${what} [F05]`, async () => {
      const disk = await tmpfs(SIZE);
      const ballast = join(disk.mount, 'ballast');
      const path = join(disk.mount, 'data');
      const limits = {
        segmentBytes: 128 * 1024,
        maxCommitBytes: 32 * 1024,
        maxGroupBytes: 32 * 1024,
        reserveBytes: reserve,
      };
      try {
        const store = await openStore(path, { limits });
        try {
          const { bavail, bsize } = await statfs(disk.mount);
          await writeFile(ballast, Buffer.alloc(bavail * bsize - 1024 * 1024));
          const first = await fill(store, 'first');
          expect(first.refusal).to.deep.include({ name: 'storage_full', retryable: true });
          expect(store.state).to.equal('full');
          expect(store.stateReason).to.match(/Free space/);
          const [key, revision] = [...first.acked].at(-1) ?? ['', 0];
          expect(await store.get(key)).to.deep.equal({ key, value: TEXT, revision });
          const page = await store.range({ from: 'task/', to: 'task0', limit: 1000 });
          expect(page.entries).to.have.length(first.acked.size);

          await rm(ballast);
          await until(store, 'open');
          expect((await store.commit({ puts: [{ key: 'after', value: 1 }] })).committed).to.equal(true);
          expect(await auditStore(store, first.acked)).to.deep.equal(SOUND);
          const second = await fill(store, 'second');
          expect(second.acked.size).to.be.greaterThan(0);
          await store.close();

          // As an operator would who gives the directory more space.
          await disk.resize(4 * SIZE);
          const reopened = await openStore(path, { limits });
          try {
            expect(await auditStore(reopened, new Map([...first.acked, ...second.acked]))).to.deep.equal(SOUND);
          } finally {
            await reopened.close();
          }
        } finally {
          await store.close();
        }
      } finally {
        await disk.dispose();
      }
    });
  }
});
