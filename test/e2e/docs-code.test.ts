import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../support/command-line.js';
import { documentedPrograms, programsOf } from '../support/docs-code.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the code in the documentation', () => {
  it('compiles as strictly as our own [CLIENT-90]', async function () {
    this.timeout(60_000);
    const programs = await documentedPrograms(root);
    // Beside our own, so that the names of the packages mean what is in this repository.
    await mkdir(join(root, 'test/dist'), { recursive: true });
    const directory = await mkdtemp(join(root, 'test/dist/docs-code-'));
    try {
      const files = programs.map(({ where, text }) => ({ name: `${where.replace(/\W/g, '-')}.ts`, text }));
      for (const { name, text } of files) await writeFile(join(directory, name), text);
      const compilerOptions = { composite: false, declaration: false, declarationMap: false, noEmit: true };
      const project = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] };
      await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(project));
      await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
      const { code, stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', directory]);
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      expect(files.length).to.be.greaterThan(2);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('is read block by block: one that imports nothing goes on with the one before', () => {
    const page = ['```ts', 'import { a } from "b";', '```', 'text', '```sh', 'orc', '```', '```ts', 'a();', '```'];
    expect(programsOf(page.join('\n'), 'a.md')).to.deep.equal([
      { where: 'a.md:2', text: 'import { a } from "b";\n\na();\n' },
    ]);
  });
});
