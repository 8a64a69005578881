import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('the generated pages of the command line', () => {
  it('say what the commands and the exit code table say [CLI-09]', () => {
    const script = fileURLToPath(new URL('../scripts/generate.js', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  });
});
