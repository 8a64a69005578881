import { expect } from 'chai';
import { callBy, failure, startCore } from '../support/core.js';
import { brief, conversation } from './conversation.js';

describe('context.create', () => {
  it('begins a conversation with its maker as moderator and agents by their owners [CTX-01]', async () => {
    const { get, stop } = await conversation({ title: 'Plans' });
    expect(await get()).to.deep.equal({
      contextId: 'talk',
      title: 'Plans',
      state: 'open',
      turns: 'free',
      createdBy: 'lead',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      participants: [
        { principal: 'lead', role: 'moderator', joinedAt: '2026-01-01T00:00:00.000Z' },
        { principal: 'ann', agent: 'ann', role: 'member', joinedAt: '2026-01-01T00:00:00.000Z' },
        { principal: 'bob', agent: 'bob', role: 'member', joinedAt: '2026-01-01T00:00:00.000Z' },
        { principal: 'cid', agent: 'cid', role: 'member', joinedAt: '2026-01-01T00:00:00.000Z' },
      ],
      turnMs: 60_000,
      originalMs: 2_592_000_000,
      entries: 0,
      bytes: 0,
      first: 1,
      last: 0,
    });
    await stop();
  });

  it('answers a repeat with the same key as before and keeps no content for it [CTX-02]', async () => {
    const { handlers, store, session, stop } = await conversation();
    const params = { title: 'A secret title', idempotencyKey: 'k' };
    const first = await handlers.contextCreate(params, callBy(session('ann'), 'context.create'));
    const again = await handlers.contextCreate(params, callBy(session('ann'), 'context.create'));
    const kept = await store.range({ from: 'effects/', to: 'effects0', limit: 1000 });
    expect({ again, secret: JSON.stringify(kept).includes('secret') }).to.deep.equal({ again: first, secret: false });
    await stop();
  });

  it('refuses an id that was used, an agent that is not there, and more than the limits allow [CTX-03]', async () => {
    const limits = { contexts: { contextsPerPrincipal: 2, participants: 2 } };
    const { handlers, connect, stop } = await startCore({ limits });
    const call = () => callBy(connect('lead', 'operator'));
    await handlers.contextCreate({ contextId: 'a' }, call());
    const refusals = [
      await failure(() => handlers.contextCreate({ contextId: 'a' }, call())),
      await failure(() => handlers.contextCreate({ participants: [{ agent: 'nobody' }] }, call())),
      await failure(() => handlers.contextCreate({ participants: [{ principal: 'x' }, { principal: 'y' }] }, call())),
      await handlers
        .contextCreate({ contextId: 'b' }, call())
        .then(() => failure(() => handlers.contextCreate({ contextId: 'c' }, call()))),
    ];
    expect(refusals.map(({ name, limit }) => [name, limit])).to.deep.equal([
      ['conflict', undefined],
      ['agent_not_found', undefined],
      ['limit_exceeded', 'contexts.participants'],
      ['limit_exceeded', 'contexts.contextsPerPrincipal'],
    ]);
    await stop();
  });
});

describe('who takes part', () => {
  it('reads; who does not learns nothing; who has context:admin sees all [CTX-04]', async () => {
    const { handlers, connect, session, read, say, stop } = await conversation();
    await say('ann', 'hello');
    const stranger = connect('eve');
    const admin = connect('root', 'admin');
    const contextId = 'talk';
    const errors = [
      await failure(() => handlers.contextGet({ contextId }, callBy(stranger))),
      await failure(() => handlers.contextRead({ contextId }, callBy(stranger))),
      await failure(() => handlers.contextWatch({ contextId }, callBy(stranger))),
      await failure(() => handlers.contextAppend({ contextId }, callBy(stranger, 'context.append', 'hi'))),
      await failure(() => handlers.contextClose({ contextId }, callBy(stranger))),
      await failure(() => handlers.contextGet({ contextId: 'other' }, callBy(stranger))),
    ];
    const ids = async (params: object, who = session('ann')) =>
      (await handlers.contextList(params, callBy(who))).entries.map((each) => each.contextId);
    expect({
      errors: errors.map(({ name }) => name),
      member: brief(await read('bob')),
      admin: brief(await handlers.contextRead({ contextId }, callBy(admin))),
      adminSpeaks: (await failure(() => handlers.contextAppend({ contextId }, callBy(admin, 'context.append', 1))))
        .name,
      lists: [await ids({}), await ids({}, stranger), await ids({ all: true }, admin)],
      listsAll: (await failure(() => ids({ all: true }))).name,
    }).to.deep.equal({
      errors: Array(6).fill('not_found'),
      member: ['1 ann "hello"'],
      admin: ['1 ann "hello"'],
      adminSpeaks: 'permission_denied',
      lists: [['talk'], [], ['talk']],
      listsAll: 'permission_denied',
    });
    await stop();
  });

  it('learns nothing by repeating a call once it was removed [CTX-04]', async () => {
    const { handlers, session, stop } = await conversation();
    const lead = () => callBy(session('lead'), 'context.invite');
    const participants = [{ agent: 'ann', role: 'moderator' as const }];
    await handlers.contextInvite({ contextId: 'talk', participants }, lead());
    const ann = (method: string) => callBy(session('ann'), method);
    const key = { contextId: 'talk', idempotencyKey: 'k' };
    const update = () => handlers.contextUpdate({ ...key, title: 'Plans' }, ann('context.update'));
    const kept = {
      idempotencyKey: 'made',
      contextId: 'own',
      participants: [{ agent: 'bob', role: 'moderator' as const }],
    };
    const create = () => handlers.contextCreate(kept, ann('context.create'));
    const before = [(await update()).title, (await update()).title, (await create()).contextId];
    await handlers.contextRemove({ contextId: 'talk', participant: { agent: 'ann' } }, lead());
    await handlers.contextRemove(
      { contextId: 'own', participant: { principal: 'ann' } },
      callBy(session('bob'), 'context.remove'),
    );
    expect([before, (await failure(update)).name, (await failure(create)).name]).to.deep.equal([
      ['Plans', 'Plans', 'own'],
      'not_found',
      'not_found',
    ]);
    await stop();
  });

  it('does what its role allows: an observer reads, a member speaks, a moderator leads [CTX-05]', async () => {
    const { handlers, session, say, get, stop } = await conversation();
    const contextId = 'talk';
    const lead = () => callBy(session('lead'));
    await handlers.contextInvite({ contextId, participants: [{ agent: 'cid', role: 'observer' }] }, lead());
    const refusals = [
      await failure(() => say('cid', 'hi')),
      await failure(() => handlers.contextClose({ contextId }, callBy(session('ann')))),
      await failure(() =>
        handlers.contextInvite({ contextId, participants: [{ principal: 'eve' }] }, callBy(session('ann'))),
      ),
      await failure(() => handlers.contextRemove({ contextId, participant: { agent: 'bob' } }, callBy(session('ann')))),
    ];
    await handlers.contextInvite({ contextId, participants: [{ agent: 'ann', role: 'moderator' }] }, lead());
    await handlers.contextRemove({ contextId, participant: { agent: 'bob' } }, callBy(session('ann')));
    expect({
      refusals: refusals.map(({ name }) => name),
      roles: (await get()).participants.map(({ principal, role }) => `${principal} ${role}`),
      removed: (await failure(() => get('bob'))).name,
    }).to.deep.equal({
      refusals: Array(4).fill('permission_denied'),
      roles: ['lead moderator', 'ann moderator', 'cid observer'],
      removed: 'not_found',
    });
    await stop();
  });

  it('may leave, unless others would be left without anybody to lead them [CTX-06]', async () => {
    const { handlers, session, read, store, stop } = await conversation();
    const contextId = 'talk';
    const left = await handlers.contextLeave({ contextId }, callBy(session('bob')));
    const refused = await failure(() => handlers.contextLeave({ contextId }, callBy(session('lead'))));
    expect({
      left,
      refused: refused.name,
      told: brief(await read('ann')),
      journal: store.journal().slice(-1),
    }).to.deep.equal({
      left: { left: { agent: 'bob' } },
      refused: 'conflict',
      told: ['1 bob participant left'],
      journal: ['context.left context/talk bob success'],
    });
    await stop();
  });

  it('says by which agent it speaks where it takes part by several [CTX-07]', async () => {
    const { handlers, session, say, read, stop } = await conversation();
    const contextId = 'talk';
    await handlers.contextInvite({ contextId, participants: [{ principal: 'ann' }] }, callBy(session('lead')));
    await say('ann', 'by the agent', { agentId: 'ann' });
    await say('ann', 'myself');
    expect({
      entries: (await read('lead')).entries.slice(1).map(({ by, agent, payload }) => ({ by, agent, payload })),
      other: (await failure(() => say('ann', 'as bob', { agentId: 'bob' }))).name,
    }).to.deep.equal({
      entries: [
        { by: 'ann', agent: 'ann', payload: 'by the agent' },
        { by: 'ann', agent: undefined, payload: 'myself' },
      ],
      other: 'permission_denied',
    });
    await stop();
  });
});
