import { expect } from 'chai';
import { principal, startCore, failure } from '../support/core.js';

describe('a tool of a provider', () => {
  it('is called by who may see it, and every call is journaled [TOOL-01]', async () => {
    const core = await startCore();
    const { tools } = core.services;
    const handle = tools.addProvider({
      id: 'plugin/adder',
      invoke: ({ arguments: { a, b } }) =>
        Promise.resolve({
          kind: 'result',
          result: { content: [{ type: 'text', text: String(Number(a) + Number(b)) }] },
        }),
    });
    await handle.set([{ name: 'add', version: '1.0.0', inputSchema: { type: 'object' } }]);

    const reply = await tools.call(principal('ada', 'operator'), { name: 'add', arguments: { a: 1, b: 2 } });
    const hidden = await failure(() => tools.call(principal('bob', 'agent'), { name: 'add', arguments: {} }));
    const absent = await failure(() => tools.call(principal('bob', 'agent'), { name: 'gone', arguments: {} }));
    const { entries } = await core.services.journal.read({ afterSequence: 0, limit: 10 });
    await core.stop();

    expect(reply).to.deep.equal({ kind: 'result', result: { content: [{ type: 'text', text: '3' }] } });
    expect([hidden, absent]).to.deep.equal([
      { name: 'not_found', resource: 'tool/add' },
      { name: 'not_found', resource: 'tool/gone' },
    ]);
    expect(entries.filter(({ action }) => action === 'tool.called').map(({ resource }) => resource)).to.deep.equal([
      'tool/add',
    ]);
  });
});
