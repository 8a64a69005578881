import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { events, METHODS, openRpcDocument, type MethodDeclaration, type MethodExample } from '../src/index.js';
import { errorsPage } from './errors-page.js';
import { eventsPage } from './events-page.js';
import { methodsPage } from './methods-page.js';
import { readExamples, type Example } from './read-examples.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where the generated files are: the repository, unless an argument names another directory. */
const target = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? root;

function examplesByMethod(examples: readonly Example[]): Record<string, MethodExample[]> {
  const pairs: Record<string, MethodExample[]> = {};
  // OpenRPC's example pairings have no errors; those are in the reference for people.
  for (const { method, error, ...example } of examples) if (!error) (pairs[method] ??= []).push(example);
  return pairs;
}

/** What every generated file must hold, by path. */
async function generated(): Promise<Map<string, string>> {
  const manifest = JSON.parse(await readFile(join(root, 'protocol/package.json'), 'utf8')) as { version: string };
  const examples = await readExamples(join(root, 'protocol/examples'));
  const methods: MethodDeclaration[] = Object.values(METHODS);
  const document = openRpcDocument(methods, manifest.version, examplesByMethod(examples));
  const pages: [string, string][] = [
    ['docs/reference/methods.md', methodsPage(methods, examples)],
    ['docs/reference/errors.md', errorsPage(methods)],
    ['docs/reference/events.md', eventsPage(Object.values(events))],
  ];
  const options = await prettier.resolveConfig(join(root, 'package.json'));
  const files = new Map([['protocol/openrpc.json', `${JSON.stringify(document, null, 2)}\n`]]);
  for (const [path, text] of pages) files.set(path, await prettier.format(text, { ...options, parser: 'markdown' }));
  return files;
}

async function present(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(target, path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const files = await generated();
const stale: string[] = [];
for (const [path, text] of files) if ((await present(path)) !== text) stale.push(path);

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    process.stderr.write(`Stale, run "npm run generate": ${stale.join(', ')}\n`);
    process.exitCode = 1;
  }
} else {
  for (const path of stale) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), files.get(path) ?? '');
    process.stderr.write(`wrote ${relative(process.cwd(), join(target, path))}\n`);
  }
}
