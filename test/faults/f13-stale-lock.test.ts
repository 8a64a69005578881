import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

describe('F13 a lock left behind by kill -9', () => {
  it('does not keep the next daemon from starting at once [F13]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'f13-'));
    try {
      const killed = new StoreProcess({ path, run: 'killed', producers: 4 });
      try {
        await killed.until('a commit', ({ acked }) => acked.size > 0);
      } finally {
        await killed.kill();
      }
      const store = await openStore(path);
      try {
        expect(await auditStore(store, killed.acked)).to.deep.equal(SOUND);
      } finally {
        await store.close();
      }
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
