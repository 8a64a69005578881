import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

describe('F12 a second daemon on the same data directory', () => {
  it('is refused with the pid of the first, which goes on [F12]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'f12-'));
    const store = await openStore(path);
    try {
      const second = new StoreProcess({ path, run: 'second', producers: 1 });
      try {
        expect(await second.line('error')).to.match(
          new RegExp(`^error unavailable .* is in use by process ${process.pid};`),
        );
        expect(await second.ended()).to.equal(3);
      } finally {
        await second.kill();
      }
      expect((await store.commit({ puts: [{ key: 'a', value: 1 }] })).committed).to.equal(true);
    } finally {
      await store.close();
      await rm(path, { recursive: true });
    }
  });
});
