import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command-line.js';
import type { DocsProgram } from './docs-code.js';

/** Programs of the documentation, compiled. */
export interface DocsProject {
  /** What the compiler said; empty when it found nothing wrong. */
  readonly said: string;
  readonly programs: readonly { readonly where: string; readonly file: string }[];
}

/** Compiles programs as strictly as our own code is, beside it, so that the names of the packages mean what is in this repository. */
export async function withDocsProject<T>(
  root: string,
  programs: readonly DocsProgram[],
  use: (project: DocsProject) => Promise<T>,
): Promise<T> {
  await mkdir(join(root, 'test/dist'), { recursive: true });
  const directory = await mkdtemp(join(root, 'test/dist/docs-code-'));
  try {
    const named = programs.map(({ where, text }) => ({ where, text, name: where.replace(/\W/g, '-') }));
    for (const { name, text } of named) await writeFile(join(directory, `${name}.ts`), text);
    const compilerOptions = {
      composite: false,
      declaration: false,
      declarationMap: false,
      outDir: 'out',
      rootDir: '.',
    };
    const project = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(project));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', directory]);
    return await use({
      said: stdout,
      programs: named.map(({ where, name }) => ({ where, file: join(directory, 'out', `${name}.js`) })),
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}
