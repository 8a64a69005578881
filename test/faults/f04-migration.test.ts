import { expect } from 'chai';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { PowerCutDisk } from './support/disks.js';
import { openStore, RENAME_TASKS } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

const TASKS = 450;

describe('F04 power cut during a migration or a checkpoint', () => {
  it('goes on with the migration from its last durable step, and names the schema version truthfully [F04]', async () => {
    const disk = await PowerCutDisk.create();
    const path = join(disk.mount, 'data');
    try {
      const before = await openStore(path);
      for (let n = 0; n < TASKS; n += 50) {
        const key = (i: number): string => `task/${String(n + i).padStart(4, '0')}`;
        await before.commit({ puts: Array.from({ length: 50 }, (_, i) => ({ key: key(i), value: n + i })) });
      }
      await before.close();

      const child = new StoreProcess({ path, run: 'x', migrate: true, stopAt: 'migration.2' });
      try {
        await child.line('step migration.2');
        await disk.cut();
      } finally {
        await child.kill();
      }
      await disk.remount();

      const old = await openStore(path);
      const halfway = await old.snapshot(join(disk.mount, 'snapshot'));
      const moved = await old.range({ from: 'job/', to: 'job0', limit: 1000 });
      await old.close();
      const migrated = await openStore(path, { migrations: [RENAME_TASKS] });
      const jobs = await migrated.range({ from: 'job/', to: 'job0', limit: 1000 });
      const tasks = await migrated.range({ from: 'task/', to: 'task0', limit: 1000 });
      const after = await migrated.snapshot(join(disk.mount, 'snapshot-2'));
      await migrated.close();
      expect({
        versions: [halfway.schemaVersion, after.schemaVersion],
        movedBeforeTheCut: moved.entries.length,
        jobs: jobs.entries.map(({ value }) => value),
        tasks: tasks.entries.length,
      }).to.deep.equal({
        versions: [1, 2],
        movedBeforeTheCut: 100,
        jobs: Array.from({ length: TASKS }, (_, n) => n),
        tasks: 0,
      });
    } finally {
      await disk.dispose();
    }
  });

  for (const step of ['checkpoint.flush', 'checkpoint.mark', 'checkpoint.trim', 'checkpoint.done']) {
    it(`loses nothing when the power is cut at ${step} [F04]`, async function () {
      this.timeout(180_000);
      const disk = await PowerCutDisk.create();
      const path = join(disk.mount, 'data');
      const child = new StoreProcess({ path, run: 'x', producers: 32, stopAt: step });
      try {
        try {
          await child.line(`step ${step}`);
          await disk.cut();
        } finally {
          await child.kill();
        }
        await disk.remount();
        const store = await openStore(path);
        try {
          expect(child.acked.size).to.be.greaterThan(100);
          expect(await auditStore(store, child.acked)).to.deep.equal(SOUND);
        } finally {
          await store.close();
        }
      } finally {
        await disk.dispose();
      }
    });
  }
});
