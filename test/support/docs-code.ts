import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A program of the documentation, and where it begins. */
export interface DocsProgram {
  /** `docs/agents.md:12` */
  readonly where: string;
  readonly text: string;
}

/** The programs in the blocks of a page that are tagged `ts`: a block that imports nothing goes on with the one before it. */
export function programsOf(page: string, path: string): readonly DocsProgram[] {
  const programs: { where: string; text: string }[] = [];
  let block: { line: number; isCode: boolean; text: string } | undefined;
  for (const [i, text] of page.split('\n').entries()) {
    if (!text.startsWith('```')) {
      if (block) block.text += `${text}\n`;
    } else if (!block) block = { line: i + 2, isCode: text === '```ts', text: '' };
    else {
      const earlier = programs.at(-1);
      if (block.isCode) {
        if (earlier && !/^import /m.test(block.text)) earlier.text += `\n${block.text}`;
        else programs.push({ where: `${path}:${block.line}`, text: block.text });
      }
      block = undefined;
    }
  }
  return programs;
}

/** The programs of README.md and of every page under docs; pages of the typed API are made from what compiles. */
export async function documentedPrograms(root: string): Promise<readonly DocsProgram[]> {
  const docs = (await readdir(join(root, 'docs'), { recursive: true }))
    .filter((file) => file.endsWith('.md') && !file.startsWith('reference/api/'))
    .sort()
    .map((file) => `docs/${file}`);
  const pages = ['README.md', ...docs];
  const found = await Promise.all(
    pages.map(async (path) => programsOf(await readFile(join(root, path), 'utf8'), path)),
  );
  return found.flat();
}
