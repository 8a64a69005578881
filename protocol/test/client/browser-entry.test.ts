import { expect } from 'chai';
import { readFile } from 'node:fs/promises';

/** A static import or re-export, as the compiler writes them: one a line. */
const IMPORT = /^(?:import|export) (?:\{[^}]*\}|\* as \w+|\*|\w+) from ['"](.+)['"]|^import ['"](.+)['"]/gm;

/** Everything that a module of the built client imports at run time, transitively. */
async function imports(entry: URL): Promise<{ modules: Set<string>; outside: string[] }> {
  const modules = new Set([entry.href]);
  const outside: string[] = [];
  for (const href of modules) {
    const text = await readFile(new URL(href), 'utf8');
    for (const { 1: from, 2: bare } of text.matchAll(IMPORT)) {
      const specifier = from ?? bare ?? '';
      if (specifier.startsWith('.')) modules.add(new URL(specifier, href).href);
      else outside.push(specifier);
    }
    if (/\bimport\(|\brequire\(/.test(text)) outside.push(`dynamic import in ${href}`);
  }
  return { modules, outside };
}

const source = new URL('../../src/client/', import.meta.url);

describe('client entry for browsers', () => {
  it('imports nothing but files beside it, and none of those that are for Node [CLIENT-31]', async () => {
    const { modules, outside } = await imports(new URL('index.js', source));
    expect(outside).to.deep.equal([]);
    expect([...modules].filter((href) => /node[^/]*\.js$|methods|schemas/.test(href))).to.deep.equal([]);
    expect(modules.size).to.be.greaterThan(10);
    expect((await imports(new URL('node.js', source))).outside).to.deep.equal(['ws']);
  });

  it('exports the same names as the one for Node [CLIENT-31]', async () => {
    const [browser, node] = await Promise.all([
      import('../../src/client/index.js'),
      import('../../src/client/node.js'),
    ]);
    expect(Object.keys(browser).sort()).to.deep.equal(Object.keys(node).sort());
  });
});
