import { verifyJournal, type LevelStore } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from './support/loops.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

const COMMITS = 60;

/** The log of a killed daemon: its only segment and how many bytes of it are used. */
interface Killed {
  readonly path: string;
  readonly segment: string;
  readonly used: number;
}

/** Runs a test on the data of a process that was killed after 60 commits, one group each. */
async function afterKill(test: (killed: Killed) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'f08-'));
  const path = join(directory, 'data');
  const child = new StoreProcess({ path, run: 'x', producers: 1, commits: COMMITS + 1, stopAfter: COMMITS });
  try {
    try {
      await child.until(`${COMMITS} commits`, ({ acked }) => acked.size === COMMITS);
      // Longer than the high-water mark is held back.
      await sleep(400);
    } finally {
      await child.kill();
    }
    const log = join(path, 'log');
    const segment = join(log, (await readdir(log)).sort()[0] ?? '');
    const bytes = await readFile(segment);
    await test({ path, segment, used: bytes.findLastIndex((byte) => byte !== 0) + 1 });
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function overwrite(path: string, position: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, position);
  } finally {
    await file.close();
  }
}

/** Takes the index away, as a power cut does with what was not synced. */
async function emptyIndex(path: string): Promise<void> {
  const fresh = `${path}-fresh`;
  await (await openStore(fresh)).close();
  await rm(join(path, 'index'), { recursive: true });
  await cp(join(fresh, 'index'), join(path, 'index'), { recursive: true });
  await rm(fresh, { recursive: true });
}

async function told(path: string): Promise<{ state: string; reason: string; found: string[]; store: LevelStore }> {
  const store = await openStore(path);
  const { findings } = await store.verify();
  return { state: store.state, reason: store.stateReason ?? '', found: findings.map(({ what }) => what), store };
}

describe('F08 a damaged log', () => {
  for (const { name, damage } of [
    {
      name: '64 bytes are flipped in the middle',
      damage: ({ segment, used }: Killed) => overwrite(segment, Math.floor(used / 2), Buffer.alloc(64, 0xa5)),
    },
    { name: 'it is cut in half', damage: ({ segment, used }: Killed) => truncate(segment, Math.floor(used / 2)) },
    {
      name: 'its tail is zeroed',
      damage: ({ segment, used }: Killed) =>
        overwrite(segment, Math.floor(used / 2), Buffer.alloc(used - Math.floor(used / 2))),
    },
  ]) {
    it(`is told at start, with what is missing, when ${name} and the index has it [F08]`, () =>
      afterKill(async (killed) => {
        await damage(killed);
        const { state, reason, found, store } = await told(killed.path);
        try {
          expect(state).to.equal('degraded');
          expect(reason).to.match(/revisions \d+ to \d+ .* are missing from the log; the index says that it has them/);
          expect(found).to.have.length.greaterThan(0);
          expect((await store.range({ from: 'task/', to: 'task0', limit: 1000 })).entries).to.have.length(COMMITS);
        } finally {
          await store.close();
        }
      }));

    it(`is told at start, with what is lost, when ${name} and the index lost its end [F08]`, () =>
      afterKill(async (killed) => {
        await damage(killed);
        await emptyIndex(killed.path);
        const first = await told(killed.path);
        const kept = (await first.store.range({ from: 'task/', to: 'task0', limit: 1000 })).entries.length;
        await first.store.close();
        const lost = Number(/: (\d+) commits are lost/.exec(first.reason)?.[1]);
        expect({ state: first.state, lost }).to.deep.equal({ state: 'degraded', lost: COMMITS - kept });
        expect(lost).to.be.greaterThan(0);
        // Still told at the next start, and the journal names the gap without the daemon.
        const second = await told(killed.path);
        await second.store.commit({ events: [{ action: 'test.happened', resource: 'x', principal: 'tester' }] });
        await second.store.close();
        expect(second.reason).to.equal(first.reason);
        expect((await verifyJournal(killed.path)).fault?.problem).to.equal('gap');
      }));
  }

  it('loses nothing silently when the high-water mark is all that knows of the tail [F08]', () =>
    afterKill(async (killed) => {
      await writeFile(killed.segment, Buffer.alloc(256 * 1024));
      await emptyIndex(killed.path);
      const { state, reason, store } = await told(killed.path);
      await store.close();
      expect(state).to.equal('degraded');
      expect(reason).to.match(new RegExp(`revisions 1 to ${COMMITS} .*: ${COMMITS} commits are lost`));
    }));
});
