import { repair } from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditStore, SOUND } from './support/audit-store.js';
import { openStore } from './support/open-store.js';

const ENTRIES = 2000;

async function filled(path: string): Promise<Map<string, number>> {
  const store = await openStore(path);
  const acked = new Map<string, number>();
  await Promise.all(
    Array.from({ length: ENTRIES }, async (_, n) => {
      const key = `task/${n}`;
      const event = { action: 'task.submitted', resource: key, principal: 'tester' };
      const result = await store.commit({ puts: [{ key, value: 'x'.repeat(500) }], events: [event] });
      if (result.committed) acked.set(key, result.revision);
    }),
  );
  await store.close();
  return acked;
}

async function fingerprints(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).filter((name) => /\.(ldb|log)$|^(CURRENT|MANIFEST)/.test(name)).sort();
  const prints = names.map(async (name) => {
    const bytes = await readFile(join(directory, name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(prints));
}

async function manifest(index: string): Promise<string> {
  return join(index, (await readdir(index)).find((name) => name.startsWith('MANIFEST')) ?? '');
}

describe('F10 a damaged MANIFEST or CURRENT', () => {
  for (const { name, damage } of [
    { name: 'MANIFEST is deleted', damage: async (index: string) => rm(await manifest(index)) },
    {
      name: 'MANIFEST is overwritten',
      damage: async (index: string) => writeFile(await manifest(index), 'x'.repeat(500)),
    },
    { name: 'CURRENT is deleted', damage: (index: string) => rm(join(index, 'CURRENT')) },
    { name: 'CURRENT is overwritten', damage: (index: string) => writeFile(join(index, 'CURRENT'), 'garbage') },
  ]) {
    it(`stops the start with the repair command, and the repair brings all back from a copy, when ${name} [F10]`, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'f10-'));
      const path = join(directory, 'data');
      const index = join(path, 'index');
      try {
        const acked = await filled(path);
        await damage(index);
        const before = await fingerprints(index);
        const refusal = await openStore(path).then(
          () => 'opened',
          (error: unknown) => String(error),
        );
        expect(refusal).to.match(/does not open .*orchestrator doctor --repair/);
        expect(await fingerprints(index)).to.deep.equal(before);

        const report = await repair(path, '1');
        expect({ ...report, original: await fingerprints(report.original) }).to.deep.equal({
          entries: ENTRIES,
          journalRecords: ENTRIES,
          findings: [],
          original: before,
        });
        const store = await openStore(path);
        try {
          expect(await auditStore(store, acked)).to.deep.equal(SOUND);
        } finally {
          await store.close();
        }
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  }
});
