import { inDocumentation } from './docs-pages.js';

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

/** The programs of the documentation. */
export async function documentedPrograms(root: string): Promise<readonly DocsProgram[]> {
  return inDocumentation(root, programsOf);
}
