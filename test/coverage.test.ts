import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REQUIREMENTS } from './requirements.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Test sources of every package; build output and dependencies are not looked into. */
async function testFiles(): Promise<string[]> {
  const plugins = (await readdir(join(root, 'plugins'))).map((name) => `plugins/${name}`);
  const folders = ['protocol/test', 'core/test', 'daemon/test', 'test', ...plugins.map((plugin) => `${plugin}/test`)];
  const found: string[] = [];
  for (const folder of folders) {
    const files = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    found.push(
      ...files.filter((file) => file.endsWith('.test.ts') && !file.startsWith('dist/')).map((f) => join(folder, f)),
    );
  }
  return found;
}

async function citedIds(): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const file of await testFiles()) {
    const text = await readFile(join(root, file), 'utf8');
    for (const title of text.matchAll(/\b(?:it|describe)\(\s*(['"`])(.*?)\1/gs)) {
      for (const id of (title[2] ?? '').matchAll(/\[((?:F\d\d)|(?:[A-Z]+-\d{2,3}))\]/g)) ids.add(id[1] ?? '');
    }
  }
  return ids;
}

describe('requirements', () => {
  it('each has a test that cites it, and no test cites one that is not listed', async () => {
    const cited = await citedIds();
    const listed = new Set(REQUIREMENTS.map((r) => r.id));
    expect({
      untested: [...listed].filter((id) => !cited.has(id)),
      unknown: [...cited].filter((id) => !listed.has(id)),
      doubled: REQUIREMENTS.map((r) => r.id).filter((id, i, all) => all.indexOf(id) !== i),
    }).to.deep.equal({ untested: [], unknown: [], doubled: [] });
  });
});
