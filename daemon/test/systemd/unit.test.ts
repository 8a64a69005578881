import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const unit = fileURLToPath(new URL('../../../../config/ai-orchestrator.service', import.meta.url));

describe('config/ai-orchestrator.service', () => {
  it('passes systemd-analyze verify without a word [DAEMON-14]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-unit-'));
    try {
      // The only thing that is not there on a machine where the daemon is not installed is its executable.
      const text = (await readFile(unit, 'utf8')).replace('/usr/bin/orchestrator', '/bin/true');
      const copy = join(folder, 'ai-orchestrator.service');
      await writeFile(copy, text);
      const { stdout, stderr } = await run('systemd-analyze', ['verify', copy]);
      expect(stdout + stderr).to.equal('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has an exposure of at most 1.5 [DAEMON-15]', async () => {
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', unit]);
    const exposure = Number(/Overall exposure level for [^:]+: ([\d.]+)/.exec(stdout)?.[1]);
    expect(exposure).to.be.at.most(1.5);
  });
});
