import { filesWithText } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { PowerCutDisk } from './support/disks.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

const SECRET = 'what-was-said-in-confidence';
const STEPS = [
  'purge.turnedOver',
  'checkpoint.flush',
  'checkpoint.trim',
  'checkpoint.done',
  'purge.compact',
  'purge.copies',
];

describe('a power cut while deleted values are purged', () => {
  for (const step of STEPS) {
    it(`at ${step} loses no commit, and the next purge ends what was begun [STORE-15]`, async function () {
      this.timeout(180_000);
      const disk = await PowerCutDisk.create();
      const path = join(disk.mount, 'data');
      try {
        const child = new StoreProcess({ path, run: 'x', purged: SECRET, stopAt: step });
        try {
          await child.line(`step ${step}`);
          await disk.cut();
        } finally {
          await child.kill();
        }
        await disk.remount();
        const store = await openStore(path);
        try {
          expect(await auditStore(store, child.acked)).to.deep.equal(SOUND);
          expect((await store.range({ from: 'purged/', to: 'purged0' })).entries).to.deep.equal([]);
          await store.purge();
          expect(await filesWithText(path, SECRET)).to.deep.equal([]);
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
