import { expect } from 'chai';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { PowerCutDisk } from './support/disks.js';
import { loops, sleep } from './support/loops.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

describe('F03 power cut right after the first start', () => {
  it('never leaves a data directory that does not open, nor loses what was acknowledged [F03]', async function () {
    this.timeout(300_000);
    const disk = await PowerCutDisk.create();
    try {
      for (let run = 0; run < loops(12, 100); run++) {
        const path = join(disk.mount, `data-${run}`);
        const child = new StoreProcess({ path, run: String(run), producers: 1, commits: 3 });
        try {
          // Half of the cuts hit while the directory is being made.
          if (run % 2 === 0) await child.line('open');
          await sleep(run % 2 === 0 ? Math.random() * 10 : 150 + Math.random() * 250);
          await disk.cut();
        } finally {
          await child.kill();
        }
        await disk.remount();
        const store = await openStore(path);
        try {
          expect(await auditStore(store, child.acked), `after cut ${run}`).to.deep.equal(SOUND);
        } finally {
          await store.close();
        }
      }
    } finally {
      await disk.dispose();
    }
  });
});
