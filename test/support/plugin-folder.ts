import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a plugin of one file into a root of its own; answers the root and how to take it away. */
export async function pluginFolder(id: string, source: string): Promise<{ root: string; remove: () => Promise<void> }> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'orchestrator-plugins-')));
  await mkdir(join(root, id));
  await writeFile(join(root, id, 'package.json'), JSON.stringify({ name: id, type: 'module', exports: './index.js' }));
  await writeFile(join(root, id, 'index.js'), source);
  return { root, remove: () => rm(root, { recursive: true }) };
}
