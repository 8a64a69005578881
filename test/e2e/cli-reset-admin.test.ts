import { expect } from 'chai';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orchestrator } from '../support/command-line.js';
import { startTestDaemon } from '../support/daemon.js';
import { inTempDirectory } from '../support/temp-home.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('orchestrator keys reset-admin', () => {
  it('replaces a lost admin key while the daemon is stopped, and not while it runs [CLI-28]', async () => {
    await inTempDirectory(async (directory) => {
      const dataDir = join(directory, 'data');
      const first = await startTestDaemon({ dataDir });
      const path = join(first.dataDir, 'admin.key');
      const refused = await orchestrator(['keys', 'reset-admin', '--data-dir', first.dataDir]);
      await first.stop();
      await rm(path);
      const reset = await orchestrator(['keys', 'reset-admin', '--data-dir', first.dataDir, '--json']);
      const second = await startTestDaemon({ dataDir });
      try {
        const token = (await readFile(path, 'utf8')).trim();
        const ask = (key: string) => orchestrator(['keys', 'list', '--url', second.url, '--token', key, '--json']);
        const [fresh, old] = [await ask(token), await ask(first.adminKey)];
        expect({
          refused: refused.code,
          reset: [reset.code, JSON.parse(reset.stdout) as unknown],
          changed: token !== first.adminKey,
          fresh: fresh.code,
          old: old.code,
        }).to.deep.equal({ refused: 11, reset: [0, { path }], changed: true, fresh: 0, old: 5 });
      } finally {
        await second.stop();
      }
    });
  });
});

describe('example configurations', () => {
  for (const name of ['orchestrator.yaml', 'orchestrator.production.yaml']) {
    it(`${name} is valid [CLI-29]`, async () => {
      const { code, stderr } = await orchestrator(['config', 'validate', '--config', join(root, 'config', name)]);
      expect(code, stderr).to.equal(0);
    });
  }
});
