import { verifyJournal } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { PowerCutDisk } from './support/disks.js';
import { loops, sleep } from './support/loops.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

describe('F02 power cut during group commit', () => {
  it('leaves a store that opens, has every acknowledged commit and a journal that verifies [F02]', async function () {
    this.timeout(300_000);
    const disk = await PowerCutDisk.create();
    const path = join(disk.mount, 'data');
    const acked = new Map<string, number>();
    try {
      for (let run = 0; run < loops(20, 50); run++) {
        const child = new StoreProcess({ path, run: String(run), producers: 32 });
        try {
          await child.line('open open');
          await sleep(20 + Math.random() * 150);
          await disk.cut();
        } finally {
          await child.kill();
        }
        await disk.remount();
        for (const [key, revision] of child.acked) acked.set(key, revision);
        expect((await verifyJournal(path)).fault, `journal after cut ${run}`).to.equal(undefined);
        const store = await openStore(path);
        try {
          expect(await auditStore(store, child.acked), `after cut ${run}`).to.deep.equal(SOUND);
        } finally {
          await store.close();
        }
      }
      expect(acked.size).to.be.greaterThan(100);
      const store = await openStore(path);
      try {
        expect(await auditStore(store, acked)).to.deep.equal(SOUND);
      } finally {
        await store.close();
      }
    } finally {
      await disk.dispose();
    }
  });
});
