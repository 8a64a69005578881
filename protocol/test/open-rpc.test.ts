import { validateOpenRPCDocument } from '@open-rpc/schema-utils-js';
import { expect } from 'chai';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Type from 'typebox';
import { method, METHODS, openRpcDocument, type OpenRpcDocument } from '../src/index.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const generate = file('dist/scripts/generate.js');

describe('openrpc.json', () => {
  it('is valid OpenRPC 1.3.2 to @open-rpc/schema-utils-js [CLIENT-01]', async () => {
    const document = JSON.parse(await readFile(file('openrpc.json'), 'utf8')) as OpenRpcDocument;
    expect(validateOpenRPCDocument(document as never)).to.equal(true);
    expect(document.openrpc).to.equal('1.3.2');
    expect(validateOpenRPCDocument({ ...document, info: {} } as never)).not.to.equal(true);
  });

  it('has every method with its permission, answerer and effect, and an example of each [CLIENT-01]', async () => {
    const document = JSON.parse(await readFile(file('openrpc.json'), 'utf8')) as OpenRpcDocument;
    expect(document.methods.map((m) => [m.name, m['x-permission'], m['x-answered-by'], m['x-effect']])).to.deep.equal(
      Object.values(METHODS).map((m) => [m.name, m.permission, m.answeredBy, m.effect]),
    );
    expect(document.methods.filter((m) => (m.examples ?? []).length === 0).map((m) => m.name)).to.deep.equal([]);
  });

  it('is what the declarations say: the check of generated files passes [CLIENT-04]', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, [generate, '--check']);
    expect(stderr).to.equal('');
  });
});

describe('the check of generated files', () => {
  it('fails and names each file that is missing or stale [CLIENT-04]', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'generated-'));
    try {
      const child = spawnSync(process.execPath, [generate, '--check', empty], { encoding: 'utf8' });
      expect({ status: child.status, stderr: child.stderr }).to.deep.equal({
        status: 1,
        stderr:
          'Stale, run "npm run generate": protocol/openrpc.json, docs/reference/methods.md, docs/reference/errors.md, docs/reference/events.md\n',
      });
    } finally {
      await rm(empty, { recursive: true });
    }
  });
});

describe('openRpcDocument', () => {
  it('describes the methods of plugins beside our own, in order of their names [CLIENT-05]', () => {
    const greet = method({
      name: 'greeting.say',
      summary: 'Says hello.',
      permission: 'greeting:say',
      params: Type.Object({ whom: Type.String() }, { additionalProperties: false }),
      result: Type.String(),
      errors: ['not_found'],
    });
    const document = openRpcDocument([greet, METHODS['daemon.ping']], '1.2.3');
    expect(validateOpenRPCDocument(document as never)).to.equal(true);
    expect(document.methods.map((m) => m.name)).to.deep.equal(['daemon.ping', 'greeting.say']);
    expect(document.methods[1]).to.deep.equal({
      name: 'greeting.say',
      summary: 'Says hello.',
      paramStructure: 'by-name',
      params: [{ name: 'whom', required: true, schema: { type: 'string' } }],
      result: { name: 'result', schema: { type: 'string' } },
      errors: [{ $ref: '#/components/errors/not_found' }],
      'x-permission': 'greeting:say',
      'x-answered-by': 'daemon',
      'x-effect': false,
    });
  });
});
