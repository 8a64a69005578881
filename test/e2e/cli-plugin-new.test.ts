import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orchestrator, run } from '../support/command-line.js';
import { inTempDirectory } from '../support/temp-home.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('orchestrator plugin new', () => {
  it('writes a package that builds and passes its own test at once [CLI-13]', async () => {
    await inTempDirectory(async (directory) => {
      const made = await orchestrator(['plugin', 'new', 'word-count', '--json'], { cwd: directory });
      expect({ code: made.code, stdout: JSON.parse(made.stdout) as unknown }).to.deep.equal({
        code: 0,
        stdout: {
          directory: join(directory, 'word-count'),
          files: ['package.json', 'tsconfig.json', '.gitignore', 'src/index.ts', 'test/index.test.ts', 'README.md'],
          linked: true,
        },
      });
      const tested = await run('npm', ['test'], { cwd: join(directory, 'word-count') });
      expect({ code: tested.code, passed: /^(?:#|ℹ) pass 1$/m.test(tested.stdout) }, tested.stdout).to.deep.equal({
        code: 0,
        passed: true,
      });
    });
  });

  it('names the tools in the versions of this workspace [CLI-13]', async () => {
    const manifest = async (path: string) =>
      JSON.parse(await readFile(path, 'utf8')) as Record<string, Record<string, string> | undefined>;
    await inTempDirectory(async (directory) => {
      await orchestrator(['plugin', 'new', 'a', '--no-link'], { cwd: directory });
      const made = await manifest(join(directory, 'a', 'package.json'));
      const workspace = await manifest(join(root, 'package.json'));
      expect({ ...made.devDependencies, ...made.dependencies }).to.deep.equal({
        '@types/node': workspace.devDependencies?.['@types/node'],
        typescript: workspace.devDependencies?.['@typescript/native']?.replace('npm:typescript@', ''),
      });
    });
  });

  it('writes nothing over what is there [CLI-13]', async () => {
    await inTempDirectory(async (directory) => {
      await orchestrator(['plugin', 'new', 'mine'], { cwd: directory });
      const { code, stdout, stderr } = await orchestrator(['plugin', 'new', 'mine'], { cwd: directory });
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.contain(`${join(directory, 'mine')} exists already`);
    });
  });

  it('refuses a name that is no plugin id [CLI-13]', async () => {
    const { code, stderr } = await orchestrator(['plugin', 'new', 'WordCount']);
    expect(code).to.equal(2);
    expect(stderr).to.contain('words joined by "-"');
  });
});
