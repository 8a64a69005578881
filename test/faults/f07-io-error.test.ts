import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { tool } from './support/tool.js';
import { loops } from './support/loops.js';
import { openStore } from './support/open-store.js';
import { StoreProcess } from './support/store-process.js';

/** EIO (5) from one call in so many. */
function failing(call: string, probability: number): readonly string[] {
  return ['fiu-run', '-x', '-c', `enable_random name=${call},probability=${probability},failinfo=5`];
}

const FAILURES = [
  // How a group is written to the log.
  { what: 'write of a group', wrapper: failing('posix/io/rw/pwrite', 0.02) },
  // How the next segment, a checkpoint and the names in a directory are made durable.
  { what: 'sync of a file or a directory', wrapper: failing('posix/io/sync/fsync', 0.05) },
  // How LevelDB makes a table durable.
  { what: "sync of the index's table", wrapper: failing('posix/io/sync/fdatasync', 0.05) },
];

function firstWords(line: string): string {
  return line.split(' ').slice(0, 2).join(' ');
}

describe('F07 I/O errors of the disk', () => {
  for (const { what, wrapper } of FAILURES) {
    it(`fences the store at the first failed ${what}, acknowledges nothing after it and tries nothing again [F07]`, async function () {
      this.timeout(300_000);
      await tool('fiu-ls');
      const path = await mkdtemp(join(tmpdir(), 'f07-'));
      const acked = new Map<string, number>();
      const ends: string[] = [];
      try {
        // Made whole beforehand, so that few failures fall on the start, which acknowledges nothing.
        await (await openStore(path)).close();
        for (let run = 0; run < loops(5, 50); run++) {
          const child = new StoreProcess({ path, run: String(run) }, wrapper);
          try {
            await child.ended();
          } finally {
            await child.kill();
          }
          // A start that failed on the injected error has acknowledged nothing and says nothing of the writer.
          if (child.lines.some((line) => line.startsWith('open')))
            ends.push(
              child.lines
                .filter((line) => /^(error|then) /.test(line))
                .map(firstWords)
                .join(', '),
            );
          else expect(child.acked.size).to.equal(0);
          for (const [key, revision] of child.acked) acked.set(key, revision);
        }
        const store = await openStore(path);
        try {
          expect(acked.size).to.be.greaterThan(0);
          expect([...new Set(ends)]).to.deep.equal(['error storage_fenced, then storage_fenced']);
          expect(await auditStore(store, acked)).to.deep.equal(SOUND);
        } finally {
          await store.close();
        }
      } finally {
        await rm(path, { recursive: true });
      }
    });
  }
});
