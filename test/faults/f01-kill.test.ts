import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { loops, sleep } from './support/loops.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

describe('F01 kill -9 while tasks are being committed', () => {
  it('loses no task that was acknowledged and doubles none [F01]', async function () {
    // In full each of the loops starts a process and opens the store with all that those before it left.
    this.timeout(loops(300_000, 1_500_000));
    const path = await mkdtemp(join(tmpdir(), 'f01-'));
    const acked = new Map<string, number>();
    try {
      for (let run = 0; run < loops(10, 200); run++) {
        const child = new StoreProcess({ path, run: String(run), producers: 64 });
        try {
          await child.line('open open');
          await sleep(Math.random() * 150);
        } finally {
          await child.kill();
        }
        for (const [key, revision] of child.acked) acked.set(key, revision);
      }
      const store = await openStore(path);
      try {
        expect(acked.size).to.be.greaterThan(0);
        expect(await auditStore(store, acked)).to.deep.equal(SOUND);
      } finally {
        await store.close();
      }
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
