import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPlugins } from '../../src/index.js';
import type { LoadOptions } from '../../src/index.js';

const PLUGIN = (id: string) => `export default { id: '${id}', contract: '1.0.0', start() {} };`;

/** An empty directory with an allow-listed root and another one, removed afterwards. */
async function withDirectories(work: (root: string, outside: string) => Promise<void>): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'load-'));
  const [root, outside] = [join(base, 'root'), join(base, 'outside')];
  await mkdir(root);
  await mkdir(outside);
  try {
    await work(root, outside);
  } finally {
    await rm(base, { recursive: true });
  }
}

async function folder(parent: string, name: string, code = PLUGIN(name)): Promise<string> {
  await mkdir(join(parent, name));
  await writeFile(join(parent, name, 'package.json'), JSON.stringify({ name, type: 'module', main: './index.js' }));
  await writeFile(join(parent, name, 'index.js'), code);
  return join(parent, name);
}

async function load(options: Partial<LoadOptions>) {
  const entries = await loadPlugins({
    sources: [],
    roots: [],
    resolve: (name) => import.meta.resolve(name),
    ...options,
  });
  return entries.map((entry) =>
    'plugin' in entry
      ? { id: entry.plugin.id, required: entry.required, config: entry.config }
      : { id: entry.id, required: entry.required, unloadable: entry.unloadable },
  );
}

describe('loadPlugins', () => {
  it('finds every plugin in an allow-listed root, with its configuration, without being told of it [PLUGIN-13]', async () => {
    await withDirectories(async (root) => {
      await folder(root, 'beta');
      await folder(root, 'alpha');
      await mkdir(join(root, 'no-plugin'));
      expect(await load({ roots: [root], configs: new Map([['beta', { depth: 2 }]]) })).to.deep.equal([
        { id: 'alpha', required: false, config: undefined },
        { id: 'beta', required: false, config: { depth: 2 } },
      ]);
    });
  });

  it('loads a path in a root once, as its source says [PLUGIN-13]', async () => {
    await withDirectories(async (root) => {
      const path = await folder(root, 'alpha');
      await writeFile(join(root, 'single.mjs'), PLUGIN('single'));
      const sources = [
        { name: 'one', from: { path }, required: true, config: { depth: 1 } },
        { name: 'two', from: { path: join(root, 'single.mjs') } },
      ];
      expect(await load({ roots: [root], sources })).to.deep.equal([
        { id: 'alpha', required: true, config: { depth: 1 } },
        { id: 'single', required: false, config: undefined },
      ]);
    });
  });

  it('refuses a path outside the roots, a link that leads out, and what anybody may write to [PLUGIN-14]', async () => {
    await withDirectories(async (root, outside) => {
      const stray = await folder(outside, 'stray');
      await symlink(stray, join(root, 'link'));
      const open = await folder(root, 'open');
      await chmod(open, 0o777);
      const sources = [stray, join(root, 'link'), open, 'relative/path', join(root, 'absent')].map((path) => ({
        name: path.replace(root, ''),
        from: { path },
      }));
      const advice = `is in none of the plugin roots (${root}): move it there, or add its directory to the plugin roots in the configuration`;
      const reasons = (await load({ roots: [root], sources })).slice(0, 5).map((entry) => entry.unloadable);
      expect(reasons).to.deep.equal([
        `cannot be loaded: "${stray}" ${advice}`,
        `cannot be loaded: "${join(root, 'link')}" leads to "${stray}", which ${advice}`,
        `cannot be loaded: "${open}" is writable by everyone: chmod o-w it`,
        'cannot be loaded: "relative/path" is not an absolute path',
        `cannot be loaded: "${join(root, 'absent')}" does not exist or cannot be read`,
      ]);
    });
  });

  it('names the file and what keeps its default export from being a plugin [PLUGIN-15]', async () => {
    await withDirectories(async (root) => {
      const path = await folder(
        root,
        'odd',
        `export default { id: 'Odd One', requires: { clock: 'clock' }, methods: { go: {} } };`,
      );
      expect(await load({ roots: [root] })).to.deep.equal([
        {
          id: path,
          required: false,
          unloadable:
            `cannot be loaded: ${path}/index.js is not a plugin: "id" is not a kebab-case name of at most 64 characters; ` +
            '"contract" is missing: make the plugin with definePlugin; "start" is not a function; ' +
            '"requires.clock" is not a token: import the service\'s token, not only its type; ' +
            '"methods.go" is not a declaration made by method()',
        },
      ]);
    });
  });

  it('loads a package by its name, and by nothing but a name [PLUGIN-16]', async () => {
    await withDirectories(async (root) => {
      const path = await folder(root, 'alpha');
      const resolve = (name: string) =>
        name === '@scope/alpha' ? pathToFileURL(join(path, 'index.js')).href : import.meta.resolve(name);
      const sources = ['@scope/alpha', 'data:text/javascript,1', '../alpha'].map((name) => ({
        name,
        from: { package: name },
      }));
      expect(await load({ sources, resolve })).to.deep.equal([
        { id: 'alpha', required: false, config: undefined },
        ...['data:text/javascript,1', '../alpha'].map((name) => ({
          id: name,
          required: false,
          unloadable: `cannot be loaded: "${name}" is not the name of a package; for a file, say "path"`,
        })),
      ]);
    });
  });
});
