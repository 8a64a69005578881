import { expect } from 'chai';
import { callBy, failure, startCore } from '../support/core.js';

describe('session.get', () => {
  it('answers who the connection is logged in as, and its limits [AGENTS-29]', async () => {
    const { handlers, connect, stop } = await startCore();
    const session = connect('ann');
    expect(await handlers.sessionGet({}, callBy(session))).to.deep.equal({
      sessionId: session.id,
      principal: { id: 'ann', kind: 'agent', roles: ['agent'] },
      daemonVersion: '1.2.3',
      node: 'test',
      limits: { messageBytes: 1_048_576, batchCalls: 50, pendingCalls: 1024, pingIntervalMs: 20_000 },
    });
    await stop();
  });
});

describe('session.list', () => {
  it('answers the open connections, at most as many as asked for [AGENTS-29]', async () => {
    const { handlers, connect, stop } = await startCore();
    const [ann, root] = [connect('ann'), connect('root', 'admin')];
    connect('gone').close();
    const { entries, total } = await handlers.sessionList({}, callBy(root));
    const one = await handlers.sessionList({ limit: 1 }, callBy(root));
    expect({ ids: entries.map((entry) => entry.sessionId), total, one: one.entries.length }).to.deep.equal({
      ids: [ann.id, root.id],
      total: 2,
      one: 1,
    });
    await stop();
  });
});

describe('subscription.cancel', () => {
  it('ends a subscription of this connection, and says when there is none [AGENTS-29]', async () => {
    const { handlers, connect, stop } = await startCore();
    const session = connect('root', 'admin');
    const { subscriptionId } = await handlers.journalSubscribe({}, callBy(session));
    const done = await handlers.subscriptionCancel({ subscriptionId }, callBy(session));
    const again = await failure(() => handlers.subscriptionCancel({ subscriptionId }, callBy(session)));
    expect({ done, again }).to.deep.equal({
      done: { done: true },
      again: { name: 'not_found', resource: `subscription/${subscriptionId}` },
    });
    await stop();
  });
});

describe('daemon.ping', () => {
  it('answers with what was sent [AGENTS-29]', async () => {
    const { handlers, connect, stop } = await startCore();
    const call = callBy(connect('ann'));
    expect([await handlers.daemonPing({}, call), await handlers.daemonPing({ echo: [1] }, call)]).to.deep.equal([
      { pong: true },
      { pong: true, echo: [1] },
    ]);
    await stop();
  });
});
