import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loops } from './support/loops.js';
import { openStore } from './support/open-store.js';

const ENTRIES = 500;

describe('F11 a flipped bit in a table', () => {
  it('is a storage_corruption for what it hit, never a wrong value, and the rest is served [F11]', async function () {
    this.timeout(300_000);
    let hits = 0;
    for (let loop = 0; loop < loops(8, 100); loop++) {
      const path = await mkdtemp(join(tmpdir(), 'f11-'));
      try {
        const first = await openStore(path);
        const text = (n: number): string => `${n}:`.repeat(100);
        for (let n = 0; n < ENTRIES; n += 50) {
          await first.commit({
            puts: Array.from({ length: 50 }, (_, i) => ({ key: `task/${n + i}`, value: text(n + i) })),
          });
        }
        await first.close();
        const index = join(path, 'index');
        const table = join(
          index,
          (await readdir(index))
            .filter((name) => name.endsWith('.ldb'))
            .sort()
            .at(-1) ?? '',
        );
        const bytes = await readFile(table);
        // Within the data blocks: what comes after them, the index of the blocks, fails at start.
        const at = Math.floor(Math.random() * bytes.length * 0.8);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
        await writeFile(table, bytes);

        const store = await openStore(path);
        try {
          const outcomes = { right: 0, wrong: 0, refused: 0, absent: 0 };
          for (let n = 0; n < ENTRIES; n++) {
            const entry = await store.get(`task/${n}`).catch((error: unknown) => {
              expect(error).to.include({ errorName: 'storage_corruption' });
              return 'refused' as const;
            });
            if (entry === 'refused') outcomes.refused++;
            else if (entry === undefined) outcomes.absent++;
            else if (entry.value === text(n)) outcomes.right++;
            else outcomes.wrong++;
          }
          const { healthy } = await store.verify();
          // A flip in a byte that nothing depends on, such as a checksum that LevelDB does not read, may hit nothing.
          expect({ ...outcomes, right: outcomes.right > ENTRIES / 2, refused: 0, healthy }, `byte ${at}`).to.deep.equal(
            {
              right: true,
              wrong: 0,
              refused: 0,
              absent: 0,
              healthy: outcomes.refused === 0,
            },
          );
          hits += outcomes.refused;
        } finally {
          await store.close();
        }
      } finally {
        await rm(path, { recursive: true });
      }
    }
    expect(hits).to.be.greaterThan(0);
  });
});
