import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is found in the README.md and in every page under docs, in order; pages of the typed API are not ours to check. */
export async function inDocumentation<T>(
  root: string,
  findIn: (page: string, path: string) => readonly T[],
): Promise<readonly T[]> {
  const docs = (await readdir(join(root, 'docs'), { recursive: true }))
    .filter((file) => file.endsWith('.md') && !file.startsWith('reference/api/'))
    .sort()
    .map((file) => `docs/${file}`);
  const pages = ['README.md', ...docs];
  const found = await Promise.all(pages.map(async (path) => findIn(await readFile(join(root, path), 'utf8'), path)));
  return found.flat();
}
