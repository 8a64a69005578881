import { expect } from 'chai';
import { failure, startCore } from '../../support/core.js';
import { echoOf, stateJournal } from '../echo.js';

describe('state.patch', () => {
  it('changes several fields in one commit, and says which are other than before [STATE-30]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.put('mood', 'calm');
    await echo.put('place', { city: 'Ulm', zip: 89073 });
    const before = core.store.commits;
    const merged = await echo.patch({ mergePatch: { mood: null, place: { zip: null }, plan: ['go'], same: null } });
    const patched = await echo.patch({
      jsonPatch: [
        { op: 'test', path: '/place/city', value: 'Ulm' },
        { op: 'move', from: '/plan/0', path: '/place/then' },
        { op: 'copy', from: '/place', path: '/copy' },
      ],
    });
    const nothing = await echo.patch({ mergePatch: { plan: [] } });
    expect({
      merged,
      patched,
      nothing,
      values: await echo.values(),
      commits: core.store.commits - before,
      journal: stateJournal(core).length,
    }).to.deep.equal({
      merged: { revision: 5, changed: ['mood', 'place', 'plan'] },
      patched: { revision: 8, changed: ['place', 'plan', 'copy'] },
      nothing: { revision: 8, changed: [] },
      values: { place: { city: 'Ulm', then: 'go' }, plan: [], copy: { city: 'Ulm', then: 'go' } },
      commits: 2,
      journal: 4,
    });
    await core.stop();
  });

  it('patches the value of one field, there or not [STATE-30]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.patch({ field: 'a.b', jsonPatch: [{ op: 'add', path: '', value: { n: [1] } }] });
    await echo.patch({ field: 'a.b', jsonPatch: [{ op: 'add', path: '/n/-', value: 2 }] });
    await echo.patch({ field: 'a.b', mergePatch: { m: 1 } });
    const values = await echo.values();
    await echo.patch({ field: 'a.b', jsonPatch: [{ op: 'remove', path: '' }] });
    expect([values, await echo.values()]).to.deep.equal([{ 'a.b': { n: [1, 2], m: 1 } }, {}]);
    await core.stop();
  });

  it('compares and sets by the revision of the document or of the field, and by tests [STATE-31]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { plan: { rule: 'refuse' } } });
    await echo.put('mood', 'calm');
    await echo.put('plan', { n: 1 });
    const document = await failure(() => echo.patch({ mergePatch: { mood: 'bored' }, revision: 2 }));
    const field = await failure(() => echo.patch({ field: 'mood', mergePatch: 'bored', revision: 3 }));
    const blind = await failure(() => echo.patch({ mergePatch: { plan: { n: 2 } } }));
    const test = await failure(() =>
      echo.patch({
        jsonPatch: [
          { op: 'replace', path: '/mood', value: 'bored' },
          { op: 'test', path: '/plan/n', value: 2 },
        ],
      }),
    );
    const known = await echo.patch({ mergePatch: { plan: { n: 2 } }, revision: 3 });
    const ofField = await echo.patch({ field: 'mood', mergePatch: 'curious', revision: 2 });
    expect({
      document,
      field: field.current,
      blind: blind.current,
      test,
      known,
      ofField,
      values: await echo.values(),
    }).to.deep.equal({
      document: { name: 'conflict', resource: 'document', current: { revision: 3 } },
      field: { value: 'calm', revision: 2 },
      blind: { value: { n: 1 }, revision: 3 },
      test: {
        name: 'conflict',
        resource: 'field/plan',
        issues: [{ path: '/jsonPatch/1', message: '/plan/n is not what the test expects' }],
        current: 1,
      },
      known: { revision: 4, changed: ['plan'] },
      ofField: { revision: 5, changed: ['mood'] },
      values: { mood: 'curious', plan: { n: 2 } },
    });
    await core.stop();
  });

  it('is whole or not at all, and names the operation or the place that is wrong [STATE-32]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { n: { schema: { type: 'object', properties: { x: { type: 'number' } } } } } });
    const patches = [
      { mergePatch: { a: 1, n: { x: 'far' } } },
      { mergePatch: { a: 1, '-b': 2 } },
      { mergePatch: [] },
      {
        jsonPatch: [
          { op: 'add' as const, path: '/a', value: 1 },
          { op: 'remove' as const, path: '/b/c' },
        ],
      },
      { jsonPatch: [{ op: 'replace' as const, path: '', value: 1 }] },
      {},
      { mergePatch: {}, jsonPatch: [] },
    ];
    const failed = [];
    for (const patch of patches) failed.push((await failure(() => echo.patch(patch))).issues);
    expect({ failed, values: await echo.values() }).to.deep.equal({
      failed: [
        [{ path: '/document/n/x', message: 'must be number' }],
        [{ path: '/document/-b', message: 'is no name of a field' }],
        [{ path: '/mergePatch', message: 'must be an object: the document is one' }],
        [{ path: '/jsonPatch/1/path', message: '(/b/c) is not there' }],
        [{ path: '/jsonPatch', message: 'must leave an object: the document is one' }],
        [{ path: '', message: 'must have either mergePatch or jsonPatch' }],
        [{ path: '', message: 'must have either mergePatch or jsonPatch' }],
      ],
      values: {},
    });
    await core.stop();
  });

  it('touches only the keys, items and difference that are other, so that it merges with what others write [STATE-33]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      fields: { map: { rule: 'merge' }, tags: { rule: 'merge', merge: 'set' }, n: { rule: 'merge', merge: 'counter' } },
    });
    await echo.patch({ mergePatch: { map: { a: 1, b: 2 }, tags: ['x', 'y'], n: 3 } });
    const { revision } = await echo.get();
    await echo.patch({ mergePatch: { map: { a: 9, b: null }, tags: ['x', 'z'], n: 5 } });
    await echo.operate('tags', { remove: ['x'], base: revision });
    const { entries } = await echo.history();
    expect({
      values: await echo.values(),
      asked: entries
        .map(({ operation }) => operation)
        .slice(1, 6)
        .reverse(),
    }).to.deep.equal({
      values: { map: { a: 9 }, tags: ['z'], n: 5 },
      asked: [{ unset: ['b'] }, { set: { a: 9 } }, { remove: ['y'] }, { insert: ['z'] }, { add: 2 }],
    });
    await core.stop();
  });
});
