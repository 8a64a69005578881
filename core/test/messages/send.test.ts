import { expect } from 'chai';
import { callBy, card, failure } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import { withInboxes } from './inbox-world.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('message.send', () => {
  it('takes a message in, hands it to its agent and settles it by the answer, with two commits and two records [MSG-01]', async () => {
    const { send, got, answer, receipt, store, stop } = await withInboxes();
    const [commits, records] = [store.commits, store.journal().length];
    const sent = await send('a', { n: [1, 'é"'] }, { type: 'order.placed', correlationId: 'c "1"', priority: 7 });
    await settled();
    const { message, payload } = got('a')[0] ?? expect.fail();
    expect({ message, payload }).to.deep.equal({
      message: {
        deliveryId: message.deliveryId,
        attempt: 1,
        visibilityMs: 60_000,
        id: sent.messageId,
        from: 'sender',
        to: 'a',
        type: 'order.placed',
        priority: 7,
        correlationId: 'c "1"',
        hops: 0,
        acceptedAt: sent.acceptedAt,
        sequence: 1,
      },
      payload: { n: [1, 'é"'] },
    });
    const pending = await receipt(sent.messageId);
    await answer('a', { result: null });
    expect({ pending, settled: await receipt(sent.messageId) }).to.deep.equal({
      pending: {
        messageId: sent.messageId,
        agent: 'a',
        state: 'pending',
        attempts: 1,
        acceptedAt: sent.acceptedAt,
        correlationId: 'c "1"',
      },
      settled: {
        messageId: sent.messageId,
        agent: 'a',
        state: 'settled',
        outcome: 'handled',
        attempts: 1,
        acceptedAt: sent.acceptedAt,
        settledAt: sent.acceptedAt,
        correlationId: 'c "1"',
      },
    });
    expect(sent.messageId).to.match(UUID);
    expect(store.commits - commits).to.equal(2);
    expect(store.journal().slice(records)).to.deep.equal([
      `message.accepted message/${sent.messageId} sender success`,
      `message.settled message/${sent.messageId} owner success`,
    ]);
    await stop();
  });

  it('keeps what it took in for an agent that is away, and hands it out in order when it comes [MSG-02]', async () => {
    const { of, come, send, got, stop } = await withInboxes();
    of('a').close();
    await settled();
    for (let i = 0; i < 5; i++) await send('a', i);
    await come('a', {}, 3);
    expect(got('a').map(({ payload }) => payload)).to.deep.equal([0, 1, 2]);
    await stop();
  });

  it('hands out no more than the window, and the next as soon as one is settled [MSG-03]', async () => {
    const { of, handlers, send, got, answer, store, stop } = await withInboxes();
    await handlers.inboxOpen({ agentId: 'a', window: 2 }, callBy(of('a')));
    for (let i = 0; i < 4; i++) await send('a', i);
    await settled();
    const before = got('a').map(({ payload }) => payload);
    const { commits } = store;
    await answer('a', { result: null }, 0);
    // The end of one delivery and the claim of the next are one commit.
    expect([before, got('a').map(({ payload }) => payload), store.commits - commits]).to.deep.equal([
      [0, 1],
      [0, 1, 2],
      1,
    ]);
    await stop();
  });

  it('hands out no more bytes than the window has, but for one message that alone is larger [MSG-03]', async () => {
    const { send, got, answer, stop } = await withInboxes({ a: {} }, { limits: { windowBytes: 3000 } });
    for (const size of [10_000, 1000, 1000, 1000]) await send('a', 'x'.repeat(size));
    await settled();
    const counts = [got('a').length];
    await answer('a', { result: null }, 0);
    counts.push(got('a').length);
    expect(counts).to.deep.equal([1, 3]);
    await stop();
  });

  it('refuses more than an inbox holds with inbox_full, and other inboxes do not mind [MSG-04]', async () => {
    const { of, send, handlers, sender, stop } = await withInboxes({ a: {}, b: {} }, { limits: { inboxMessages: 2 } });
    of('a').close();
    await settled();
    await send('a');
    await send('a');
    const refused = await failure(() => send('a'));
    const other = await send('b');
    expect([refused, other.agent]).to.deep.equal([{ name: 'inbox_full', lane: 'a', limit: { items: 2 } }, 'b']);
    const bySkill = await handlers.messageSend({ to: { skill: 'work' } }, callBy(sender, 'message.send', 1));
    expect(bySkill.agent).to.equal('b');
    await stop();
  });

  it('goes by priority, then in order [MSG-05]', async () => {
    const { of, send, come, got, stop } = await withInboxes();
    of('a').close();
    await settled();
    for (const priority of [1, 4, 9, 4]) await send('a', priority, { priority });
    await come('a');
    expect(got('a').map(({ payload }) => payload)).to.deep.equal([9, 4, 4, 1]);
    await stop();
  });

  it('has one effect for one idempotency key, and refuses the key for another payload [MSG-06]', async () => {
    const { send, got, stop } = await withInboxes();
    const first = await send('a', 1, { idempotencyKey: 'k' });
    const again = await send('a', 1, { idempotencyKey: 'k' });
    const other = await failure(() => send('a', 2, { idempotencyKey: 'k' }));
    await settled();
    expect([again, other.name, got('a').length]).to.deep.equal([first, 'conflict', 1]);
    await stop();
  });

  it("checks a payload against the skill's schema before it is taken in [MSG-07]", async () => {
    const skills = [{ id: 'work', input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } }];
    const { handlers, sender, store, stop } = await withInboxes({ a: { ...card('work'), skills } });
    const { commits } = store;
    const to = { skill: 'work' };
    const refused = await failure(() => handlers.messageSend({ to }, callBy(sender, 'message.send', { n: 'x' })));
    expect([refused.name, refused.issues, store.commits]).to.deep.equal([
      'invalid_params',
      [{ path: '/payload/n', message: 'must be integer' }],
      commits,
    ]);
    expect((await handlers.messageSend({ to }, callBy(sender, 'message.send', { n: 1 }))).agent).to.equal('a');
    await stop();
  });

  it('knows no agent that is not registered or may not be sent to, and no skill that nobody has', async () => {
    const { send, handlers, sender, stop } = await withInboxes();
    const nobody = await failure(() => send('nobody'));
    const none = await failure(() => handlers.messageSend({ to: { skill: 'x' } }, callBy(sender, 'message.send', 1)));
    expect([nobody.name, none.name]).to.deep.equal(['agent_not_found', 'no_agent_for_skill']);
    await stop();
  });
});

describe('a message sent while another is handled', () => {
  it('inherits its correlation, trace and cause, and counts its hops [MSG-08]', async () => {
    const { of, send, got, stop } = await withInboxes({ a: {}, b: {} });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { messageId } = await send('a', 1, { correlationId: 'c', traceparent });
    await settled();
    await send('b', 2, { parentId: messageId }, of('a'));
    await settled();
    const { message } = got('b')[0] ?? expect.fail();
    const { correlationId, causationId, hops, chain, fromAgent, traceparent: trace } = message;
    expect({ correlationId, causationId, hops, chain, fromAgent, trace }).to.deep.equal({
      correlationId: 'c',
      causationId: messageId,
      hops: 1,
      chain: ['a'],
      fromAgent: 'a',
      trace: traceparent,
    });
    await stop();
  });

  it('ends a loop at the hop limit with the chain in the error [MSG-09]', async () => {
    const { of, send, got, handlers, stop } = await withInboxes({ a: {}, b: {} }, { limits: { hops: 4 } });
    await send('a');
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'b'],
    ] as const) {
      await settled();
      await send(to, 1, { parentId: got(from).at(-1)?.message.id ?? '' }, of(from));
    }
    await settled();
    const parentId = got('b').at(-1)?.message.id ?? '';
    const durable = await failure(() => send('a', 1, { parentId }, of('b')));
    const call = callBy(of('b'), 'message.request', 1);
    const request = await failure(() => handlers.messageRequest({ to: { agent: 'a' }, parentId }, call));
    const expected = { name: 'hop_limit', chain: ['a', 'b', 'a', 'b'] };
    expect([durable, request]).to.deep.equal([expected, expected]);
    await stop();
  });

  it('must be handled by the connection that says so', async () => {
    const { send, got, stop } = await withInboxes({ a: {}, b: {} });
    await send('a');
    await settled();
    const refused = await failure(() => send('b', 1, { parentId: got('a')[0]?.message.id ?? '' }));
    expect(refused.name).to.equal('not_found');
    await stop();
  });
});
