import { expect } from 'chai';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDataDirectory } from '../src/data-directory.js';

describe('makeDataDirectory', () => {
  it('takes a directory that another daemon makes in the same moment for one that is there [DAEMON-60]', async () => {
    const root = await mkdtemp(join(tmpdir(), 'orchestrator-data-'));
    try {
      for (let i = 0; i < 50; i++) {
        const path = join(root, String(i), 'of', 'two');
        await Promise.all([makeDataDirectory(path), makeDataDirectory(path)]);
        expect((await stat(path)).isDirectory()).to.equal(true);
      }
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
