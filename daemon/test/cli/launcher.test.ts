import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launcher } from '../../src/cli/dev/launcher.js';

describe('launcher', () => {
  it('is what works in another terminal: by name, by npx or by path', async () => {
    const root = await mkdtemp(join(tmpdir(), 'orchestrator-launcher-'));
    try {
      const script = join(root, 'orchestrator.js');
      await writeFile(script, '');
      const packages = join(root, 'work', 'node_modules', '.bin');
      await mkdir(packages, { recursive: true });
      await symlink(script, join(packages, 'orchestrator'));
      const bin = join(root, 'bin');
      await mkdir(bin);
      await symlink(script, join(bin, 'orchestrator'));
      expect({
        installed: launcher(script, root, `/nowhere:${bin}`),
        inRepository: launcher(script, join(root, 'work'), `${packages}:/nowhere`),
        elsewhere: launcher(script, root, packages),
      }).to.deep.equal({
        installed: 'orchestrator',
        inRepository: 'npx orchestrator',
        elsewhere: `node ${script}`,
      });
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
