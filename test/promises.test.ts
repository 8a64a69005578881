import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REQUIREMENTS } from './requirements.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Each item of the page's lists, in one line. */
function promisesOf(page: string): string[] {
  return page
    .split(/\n(?=- |#|\n)/)
    .filter((block) => block.startsWith('- '))
    .map((block) => block.replace(/\s+/g, ' '));
}

async function titlesIn(path: string): Promise<string> {
  const text = await readFile(join(root, 'docs', path), 'utf8').catch(() => '');
  return [...text.matchAll(/\b(?:it|describe)\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title).join('\n');
}

describe('docs/promises.md', () => {
  it('links each promise to a test of a requirement that is listed [WORK-08]', async () => {
    const promises = promisesOf(await readFile(join(root, 'docs/promises.md'), 'utf8'));
    const listed = new Set(REQUIREMENTS.map(({ id }) => id));
    const wrong: string[] = [];
    for (const promise of promises) {
      const links = [...promise.matchAll(/\[([A-Z]+-?\d{2,3})\]\((\.\.\/[^)]+\.test\.ts)\)/g)];
      if (links.length === 0) wrong.push(`no test: ${promise}`);
      for (const [, id = '', path = ''] of links) {
        if (!listed.has(id)) wrong.push(`${id} is no requirement`);
        if (!(await titlesIn(path)).includes(`[${id}]`)) wrong.push(`${path} has no test of ${id}`);
      }
    }
    expect(wrong).to.deep.equal([]);
    expect(promises.length).to.be.greaterThan(20);
  });

  it('and every other page links only to files that are there [WORK-09]', async () => {
    const broken: string[] = [];
    for (const page of await pages()) {
      const text = await readFile(join(root, page), 'utf8');
      for (const [, path = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)[^)]*\)/g)) {
        if (!existsSync(join(root, dirname(page), path))) broken.push(`${page}: ${path}`);
      }
    }
    expect(broken).to.deep.equal([]);
  });
});

/** README.md and what is written by hand under docs. */
async function pages(): Promise<string[]> {
  const docs = await readdir(join(root, 'docs'), { recursive: true });
  const written = docs.filter((file) => file.endsWith('.md') && !file.startsWith('reference/'));
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...written.map((file) => `docs/${file}`)];
}
