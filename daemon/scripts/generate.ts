import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { commandsPage } from './commands-page.js';
import { exitCodesPage } from './exit-codes-page.js';

// Writes the generated pages of this package; with --check says which are stale instead.
const check = process.argv.includes('--check');
const pages = new Map([
  ['docs/reference/exit-codes.md', exitCodesPage()],
  ['docs/reference/commands.md', await commandsPage()],
]);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const style = await prettier.resolveConfig(`${root}package.json`);
const stale: string[] = [];
for (const [path, page] of pages) {
  const file = `${root}${path}`;
  const text = await prettier.format(page, { ...style, parser: 'markdown' });
  const before = await readFile(file, 'utf8').catch(() => '');
  if (before === text) continue;
  stale.push(path);
  if (!check) await writeFile(file, text);
}
if (check && stale.length > 0) {
  process.stderr.write(`stale: ${stale.join(', ')}; run "npm run generate"\n`);
  process.exitCode = 1;
}
