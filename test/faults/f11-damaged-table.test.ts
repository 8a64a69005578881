import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loops } from './support/loops.js';
import { openStore } from './support/open-store.js';

const ENTRIES = 500;
/** Everything reaches the index in one batch, so that its table is the same in every run. */
const ONE_BATCH = { indexDelayMs: 600_000, indexBatchBytes: 1024 * 1024, writeBufferBytes: 1024 * 1024 };

function text(n: number): string {
  return `${n}:`.repeat(100);
}

function refusal(error: unknown): 'refused' {
  expect(error).to.be.instanceOf(OrchestratorError).and.include({ errorName: 'storage_corruption' });
  return 'refused';
}

/** What a reader gets of each entry, and whether anybody is told of the damage. */
async function read(path: string) {
  const seen = { right: 0, wrong: 0, refused: 0, absent: 0 };
  const store = await openStore(path).catch(refusal);
  if (store === 'refused') return { ...seen, told: true };
  try {
    for (let n = 0; n < ENTRIES; n++) {
      const entry = await store.get(`task/${n}`).catch(refusal);
      if (entry === 'refused') seen.refused++;
      else if (entry === undefined) seen.absent++;
      else if (entry.value === text(n)) seen.right++;
      else seen.wrong++;
    }
    return { ...seen, told: !(await store.verify()).healthy };
  } finally {
    await store.close();
  }
}

describe('F11 a flipped bit in a table', () => {
  it('is never a wrong value, is storage_corruption for a value that it hit, and is told wherever it is [F11]', async function () {
    this.timeout(300_000);
    const directory = await mkdtemp(join(tmpdir(), 'f11-'));
    try {
      const sound = join(directory, 'sound');
      const first = await openStore(sound, { limits: ONE_BATCH });
      for (let n = 0; n < ENTRIES; n += 50) {
        await first.commit({
          puts: Array.from({ length: 50 }, (_, i) => ({ key: `task/${n + i}`, value: text(n + i) })),
        });
      }
      await first.close();
      const tables = (await readdir(join(sound, 'index'))).filter((name) => name.endsWith('.ldb'));
      const bytes = await readFile(join(sound, 'index', tables[0] ?? ''));
      const flips = loops(48, 500);
      const totals = { refused: 0, absent: 0 };
      // From the first byte to the last: data, filter, block index and footer.
      for (let flip = 0; flip < flips; flip++) {
        const at = Math.floor((flip * (bytes.length - 1)) / (flips - 1));
        const damaged = join(directory, 'damaged');
        await cp(sound, damaged, { recursive: true });
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (flip % 8)), at);
        await writeFile(join(damaged, 'index', tables[0] ?? ''), flipped);
        const { wrong, told, refused, absent } = await read(damaged);
        expect({ wrong, told }, `byte ${at}`).to.deep.equal({ wrong: 0, told: true });
        totals.refused += refused;
        totals.absent += absent;
        await rm(damaged, { recursive: true });
      }
      expect(tables).to.have.lengthOf(1);
      expect((await read(sound)).told).to.equal(false);
      expect(totals.refused).to.be.greaterThan(0);
      expect(totals.absent).to.be.greaterThan(0);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
