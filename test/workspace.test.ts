import { expect } from 'chai';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import semver from 'semver';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const json = async (file: string) => JSON.parse(await readFile(`${root}/${file}`, 'utf8')) as Record<string, unknown>;

/** Below these a library has a known weakness or lacks what we rely on. */
const LEAST: Readonly<Record<string, string>> = {
  ajv: '8.20.0',
  'classic-level': '3.0.0',
  convict: '6.2.5',
  level: '10.0.0',
  pino: '10.0.0',
  tsyringe: '4.10.0',
  ws: '8.23.0',
  yaml: '2.9.0',
};

describe('workspace', () => {
  it('installs no library older than the least version that is sound [WORK-04]', async () => {
    const { packages } = (await json('package-lock.json')) as {
      packages: Record<string, { version?: string; dev?: boolean }>;
    };
    const old = Object.entries(packages).flatMap(([path, { version, dev }]) => {
      const name = path.split('node_modules/').at(-1) ?? '';
      // What only tests install may be older: it meets no stranger.
      const least = dev === true ? undefined : LEAST[name];
      return least !== undefined && version !== undefined && semver.lt(version, least) ? [`${path}@${version}`] : [];
    });
    const missing = Object.keys(LEAST).filter((name) => !(`node_modules/${name}` in packages));
    expect({ old, missing }).to.deep.equal({ old: [], missing: [] });
  });

  it('has the files that the layout promises and one version for all packages [WORK-05]', async () => {
    const files = await readdir(root);
    const promised = ['core', 'plugins', 'protocol', 'daemon', 'test', 'config', 'package.json', 'tsconfig.json'];
    const also = ['lerna.json', 'README.md', 'CONTRIBUTING.md', 'LICENSE', 'SECURITY.md', '.editorconfig', '.ci'];
    expect([...promised, ...also].filter((name) => !files.includes(name))).to.deep.equal([]);
    const { version } = await json('lerna.json');
    const plugins = (await readdir(`${root}/plugins`)).map((name) => `plugins/${name}`);
    for (const folder of ['protocol', 'core', 'daemon', ...plugins]) {
      expect([folder, (await json(`${folder}/package.json`)).version]).to.deep.equal([folder, version]);
    }
  });
});
