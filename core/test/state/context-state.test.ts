import { expect } from 'chai';
import { conversation } from '../contexts/conversation.js';
import { callBy, failure, startCore } from '../support/core.js';

const contextId = 'talk';
const SECRET = 'a word in confidence';

/** The conversation, with an observer, and calls about its document. */
async function sharedDocument() {
  const talk = await conversation();
  const { handlers, session, connect } = talk;
  const eve = connect('eve', 'observer');
  await handlers.contextInvite(
    { contextId, participants: [{ principal: 'eve', role: 'observer' }] },
    callBy(session('lead'), 'context.invite'),
  );
  const of = (name: string) => (name === 'eve' ? eve : session(name));
  return {
    ...talk,
    eve,
    put: (name: string, field: string, value: unknown, more: object = {}) =>
      handlers.statePut({ contextId, field, ...more }, callBy(of(name), 'state.put', value)),
    get: (name: string) => handlers.stateGet({ contextId }, callBy(of(name), 'state.get')),
  };
}

describe('the document of a context', () => {
  it('is written by who speaks in it, and read by all who take part; others learn nothing [STATE-24]', async () => {
    const { put, get, connect, handlers, store, stop } = await sharedDocument();
    await put('ann', 'plan', 'north', { revision: 0 });
    const late = await failure(() => put('bob', 'plan', 'south', { revision: 0 }));
    await put('bob', 'plan', 'south', { revision: 1 });
    const stranger = connect('stranger');
    const root = connect('root', 'admin');
    const { contextId: of, revision, fields } = await get('eve');
    expect({
      late: late.current,
      seen: { of, revision, value: fields.plan?.value, by: fields.plan?.updatedBy },
      observer: (await failure(() => put('eve', 'plan', 'west'))).name,
      administrator: (
        await failure(() => handlers.statePut({ contextId, field: 'plan' }, callBy(root, 'state.put', 1)))
      ).name,
      audited: (await handlers.stateGet({ contextId }, callBy(root))).revision,
      stranger: (await failure(() => handlers.stateGet({ contextId }, callBy(stranger)))).name,
      writing: (await failure(() => handlers.statePut({ contextId, field: 'plan' }, callBy(stranger, 'state.put', 1))))
        .name,
      neither: (await failure(() => handlers.stateGet({}, callBy(stranger)))).name,
      both: (await failure(() => handlers.stateGet({ contextId, agentId: 'ann' }, callBy(stranger)))).name,
      journal: store.journal().filter((line) => line.startsWith('state.written')),
    }).to.deep.equal({
      late: { value: 'north', revision: 1 },
      seen: { of: contextId, revision: 2, value: 'south', by: 'bob' },
      observer: 'permission_denied',
      administrator: 'permission_denied',
      audited: 2,
      stranger: 'not_found',
      writing: 'not_found',
      neither: 'invalid_params',
      both: 'invalid_params',
      journal: ['state.written state/context/talk ann success', 'state.written state/context/talk bob success'],
    });
    await stop();
  });

  it('takes no write once the context is closed, also none that was on its way, and is read on [STATE-25]', async () => {
    const { put, get, handlers, session, stop } = await sharedDocument();
    await put('ann', 'plan', 'north');
    const closing = handlers.contextClose({ contextId }, callBy(session('lead'), 'context.close'));
    const during = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => put('ann', 'plan', n)));
    await closing;
    const after = await failure(() => put('ann', 'plan', 'late'));
    const { revision, fields } = await get('bob');
    const taken = during.filter(({ status }) => status === 'fulfilled').length;
    expect({ after: after.name, revision, value: fields.plan?.value }).to.deep.equal({
      after: 'context_closed',
      revision: 1 + taken,
      value: taken === 0 ? 'north' : taken - 1,
    });
    await stop();
  });

  it('is in the export of the context, after its entries [STATE-26]', async () => {
    const { put, say, handlers, session, stop } = await sharedDocument();
    await handlers.stateDefine(
      { contextId, fields: { plan: { rule: 'keep-both' } } },
      callBy(session('ann'), 'state.define'),
    );
    await say('ann', 'hello');
    await put('ann', 'plan', 'north', { base: 1 });
    await put('bob', 'plan', 'south', { base: 1 });
    const lines: unknown[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page: { entries: string[]; cursor?: string } = await handlers.contextExport(
        { contextId, limit: 1, ...(cursor === undefined ? {} : { cursor }) },
        callBy(session('bob')),
      );
      lines.push(...page.entries.map((line) => JSON.parse(line) as unknown));
      ({ cursor } = page);
    }
    const { state } = lines.at(-1) as {
      state: { revision: number; fields: { plan: { conflict: object } }; defined: object };
    };
    expect({
      revision: state.revision,
      versions: Object.keys(state.fields.plan.conflict),
      defined: state.defined,
    }).to.deep.equal({
      revision: 3,
      versions: ['alternatives'],
      defined: { fields: { plan: { rule: 'keep-both' } } },
    });
    await stop();
  });

  it('is erased with it: fields, history, definitions, and is not read from memory any more [STATE-27]', async () => {
    const { put, get, handlers, session, store, time, stop } = await sharedDocument();
    const lead = () => callBy(session('lead'), 'test');
    await handlers.stateDefine({ contextId, schema: { description: SECRET } }, lead());
    for (let n = 0; n < 150; n++) await put('ann', `field-${String(n)}`, `${SECRET} ${String(n)}`);
    const { erased } = await handlers.contextErase({ contextId }, lead());
    const { revision, fields } = await get('ann');
    const { entries } = await store.range({ from: '!', to: '~', limit: 1000 });
    const late = await failure(() => put('ann', 'plan', 'late'));
    await stop();
    const again = await startCore({ store, time });
    const after = await again.handlers.stateGet({ contextId }, callBy(again.connect('lead', 'operator')));
    await again.stop();
    expect({
      state: erased.state,
      bytes: erased.bytes > 150 * SECRET.length,
      left: JSON.stringify(entries).includes(SECRET),
      seen: { revision, fields },
      late: late.name,
      after: after.revision,
    }).to.deep.equal({
      state: 150,
      bytes: true,
      left: false,
      seen: { revision: 0, fields: {} },
      late: 'context_closed',
      after: 0,
    });
  });
});
