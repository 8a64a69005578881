import { expect } from 'chai';
import { failure, startCore } from '../support/core.js';
import { echoOf, stateJournal } from './echo.js';

describe('state.define', () => {
  it('has values checked: a bad one names the path, and is recorded once a second [STATE-22]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      fields: { point: { schema: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] } } },
      schema: { type: 'object', properties: { mood: { enum: ['calm', 'curious'] } }, maxProperties: 2 },
    });
    const own = await failure(() => echo.put('point', { x: 'far' }));
    const shared = await failure(() => echo.put('mood', 'bored'));
    await echo.put('mood', 'calm');
    await echo.put('point', { x: 1 });
    const whole = await failure(() => echo.put('third', 1));
    await core.time.advance(1000);
    expect({ issues: [own, shared, whole].map(({ issues }) => issues), values: await echo.values() }).to.deep.equal({
      issues: [
        [{ path: '/value/x', message: 'must be number' }],
        [{ path: '/value', message: 'must be equal to one of the allowed values' }],
        [{ path: '/value', message: 'makes the document not valid: it must NOT have more than 2 properties' }],
      ],
      values: { mood: 'calm', point: { x: 1 } },
    });
    expect(stateJournal(core).filter((line) => line.startsWith('state.refused'))).to.deep.equal([
      'state.refused state/agent/echo key:echo failure',
    ]);
    await core.stop();
  });

  it('refuses a schema that is none, one that the values do not fit, and a rule that they cannot have [STATE-22]', async () => {
    const core = await startCore({ limits: { state: { definitionBytes: 2_000 } } });
    const echo = await echoOf(core);
    await echo.put('mood', 'calm');
    const none = await failure(() => echo.define({ fields: { mood: { schema: { type: 'strong' } } } }));
    const unfit = await failure(() => echo.define({ fields: { mood: { schema: { maxLength: 2 } } } }));
    const kind = await failure(() => echo.define({ fields: { mood: { rule: 'merge', merge: 'counter' } } }));
    const lone = await failure(() => echo.define({ fields: { mood: { merge: 'map' } } }));
    const large = await failure(() => echo.define({ schema: { description: 'x'.repeat(2_000) } }));
    expect([none.issues, unfit.issues, kind.issues, lone.issues, large.limit]).to.deep.equal([
      [{ path: '/fields/mood/schema/type', message: 'must be equal to one of the allowed values' }],
      [{ path: '/fields/mood', message: 'must NOT have more than 2 characters' }],
      [{ path: '/fields/mood', message: 'a counter takes integers that a number holds exactly' }],
      [{ path: '/fields/mood/merge', message: 'goes with the rule merge only' }],
      'state.definitionBytes',
    ]);
    await core.stop();
  });

  it('changes no field to another kind while it has a conflict, of which a version would be lost [STATE-03]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { plan: { rule: 'keep-both' } } });
    const { revision } = await echo.get();
    await echo.put('plan', { a: 1 }, { base: revision });
    const second = await echo.put('plan', { b: 2 }, { base: revision });
    const asMap = { fields: { plan: { rule: 'merge', merge: 'map' } } } as const;
    const refused = await failure(() => echo.define(asMap));
    await echo.resolve('plan', second.revision, { a: 1, b: 2 });
    await echo.define(asMap);
    expect([refused.name, await echo.values()]).to.deep.equal(['conflict', { plan: { a: 1, b: 2 } }]);
    await core.stop();
  });

  it('replaces what it names, and leaves the rest [STATE-22]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      schema: { maxProperties: 1 },
      fields: { a: { rule: 'refuse' }, b: { schema: { type: 'number' } } },
    });
    await echo.define({ fields: { b: {} } });
    await echo.put('b', 'text');
    const full = await failure(() => echo.put('a', 1));
    await echo.define({ schema: null });
    await echo.put('a', 1);
    const blind = await failure(() => echo.put('a', 2));
    expect([full.name, blind.name, await echo.values()]).to.deep.equal([
      'invalid_params',
      'conflict',
      { b: 'text', a: 1 },
    ]);
    await core.stop();
  });
});
