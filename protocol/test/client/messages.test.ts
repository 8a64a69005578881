import { expect } from 'chai';
import { OrchestratorError } from '../../src/index.js';
import { connect, type AgentOptions, type Client } from '../../src/client/node.js';
import { eventually, TestServer, type Answers, type Received } from './test-server.js';

const fast = { reconnectBaseMs: 1, reconnectMaxMs: 5 };
const card = { name: 'Worker', version: '1.0.0' };

const registers: Answers = {
  'agent.register': ({ agentId }) => ({ agentId, state: 'ready', epoch: 1 }),
};

/** An agent of its own client, played against a server that plays the daemon. */
async function withAgent(options: Partial<AgentOptions>, answers: Answers = {}) {
  const server = await TestServer.start({ ...registers, ...answers });
  const reported: unknown[] = [];
  const client = await connect({ url: server.url, ...fast, onError: (error) => reported.push(error) });
  const agent = await client.agent({ agentId: 'worker', card, ...options });
  await eventually(() => server.received.some(({ method }) => method === 'inbox.open'));
  return { server, client, agent, reported };
}

async function stop({ client, server }: { readonly client: Client; readonly server: TestServer }): Promise<void> {
  await client.close();
  await server.stop();
}

/** A delivery of message `m1`, unless said; its call has the delivery's number. */
function handle(delivery: number, payload: unknown, more: object = {}): object {
  const message = {
    id: 'm1',
    deliveryId: `d${String(delivery)}`,
    attempt: delivery,
    visibilityMs: 60_000,
    to: 'worker',
    type: 'message',
    from: 'tester',
    ...more,
  };
  return { id: delivery, method: 'message.handle', params: { message, payload } };
}

const answersOf = (received: readonly Received[]) =>
  received
    .filter((m) => m.method === undefined)
    .map(({ id, result, error }) => ({ id, answer: error?.data ?? result }));

const callsOf = (received: readonly Received[], method: string) =>
  received.filter((m) => m.method === method).map(({ params }) => params);

describe('client inbox', () => {
  it('opens on each connection and acknowledges a message once its handler is done [CLIENT-71]', async () => {
    const seen: unknown[] = [];
    const world = await withAgent({
      concurrency: 7,
      messages: { invoice: { handler: ({ total }: { total: number }) => seen.push(total) } },
      skills: { add: { handler: (payload) => seen.push(payload) } },
    });
    const { server, agent } = world;
    agent.onMessage('late', (payload, { envelope }) => seen.push([payload, envelope.attempt]));
    server.peer.send(handle(1, { total: 5 }, { type: 'invoice' }));
    server.peer.send(handle(2, 'by skill', { id: 'm2', skill: 'add' }));
    server.peer.send(handle(3, 'x', { id: 'm3', type: 'late' }));
    await eventually(() => answersOf(server.received).length === 3);
    server.peer.socket.terminate();
    await eventually(() => callsOf(server.received, 'inbox.open').length === 2);
    expect(seen).to.deep.equal([5, 'by skill', ['x', 3]]);
    expect(answersOf(server.received).map(({ answer }) => answer)).to.deep.equal([null, null, null]);
    expect(callsOf(server.received, 'inbox.open')).to.deep.equal([
      { agentId: 'worker', window: 7 },
      { agentId: 'worker', window: 7 },
    ]);
    await stop(world);
  });

  it('hands back what its handler throws: for another attempt, or for good [CLIENT-72]', async () => {
    const world = await withAgent({
      skills: {},
      messages: {
        message: {
          handler: (payload) => {
            if (payload === 'never') throw new OrchestratorError('invalid_params', 'no such customer');
            throw new Error('the secret is 42');
          },
        },
      },
    });
    const { server, reported } = world;
    server.peer.send(handle(1, 'later'));
    server.peer.send(handle(2, 'never', { id: 'm2' }));
    server.peer.send(handle(3, null, { id: 'm3', type: 'unheard of' }));
    await eventually(() => answersOf(server.received).length === 3);
    const told = answersOf(server.received).map(({ answer }) => answer as { name: string; retryable: boolean });
    expect(told.map(({ name, retryable }) => [name, retryable])).to.have.deep.members([
      ['internal_error', true],
      ['invalid_params', false],
      ['agent_unavailable', true],
    ]);
    expect(reported.map(String)).to.deep.equal(['Error: the secret is 42']);
    await stop(world);
  });

  it('handles a message once though it is delivered again, while it is handled and after [CLIENT-73]', async () => {
    let runs = 0;
    const finish: (() => void)[] = [];
    const world = await withAgent({
      messages: {
        message: {
          handler: ({ aborted }: { aborted?: boolean }, { signal }) => {
            runs += 1;
            return new Promise<void>((resolve) => {
              finish.push(() => {
                expect(signal.aborted).to.equal(aborted);
                resolve();
              });
            });
          },
        },
      },
    });
    const { server } = world;
    server.peer.send(handle(1, { aborted: false }));
    await eventually(() => finish.length === 1);
    server.peer.socket.terminate();
    await eventually(() => callsOf(server.received, 'inbox.open').length === 2);
    server.peer.send(handle(2, { aborted: false }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    finish[0]?.();
    await eventually(() => answersOf(server.peer.received).length === 1);
    server.peer.send(handle(3, { aborted: false }));
    await eventually(() => answersOf(server.peer.received).length === 2);
    expect({ runs, answers: answersOf(server.received) }).to.deep.equal({
      runs: 1,
      answers: [
        { id: 2, answer: null },
        { id: 3, answer: null },
      ],
    });
    await stop(world);
  });

  it('asks for more time while a handler runs, for the delivery that counts [CLIENT-74]', async () => {
    const finish: (() => void)[] = [];
    const world = await withAgent(
      { messages: { message: { handler: () => new Promise<void>((resolve) => finish.push(resolve)) } } },
      { 'message.extend': () => ({ until: '2026-01-01T00:00:00Z' }) },
    );
    const { server } = world;
    server.peer.send(handle(1, null, { visibilityMs: 20 }));
    await eventually(() => callsOf(server.received, 'message.extend').length === 2);
    server.peer.send(handle(2, null, { visibilityMs: 20 }));
    const before = callsOf(server.received, 'message.extend').length;
    await eventually(() => callsOf(server.received, 'message.extend').length > before + 1);
    finish[0]?.();
    await eventually(() => answersOf(server.received).length === 2);
    const extended = callsOf(server.received, 'message.extend');
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([extended[0], extended.at(-1)]).to.deep.equal([
      { messageId: 'm1', deliveryId: 'd1', extendMs: 20 },
      { messageId: 'm1', deliveryId: 'd2', extendMs: 20 },
    ]);
    expect(callsOf(server.received, 'message.extend').length).to.equal(extended.length);
    await stop(world);
  });

  it('handles no more messages of a type at a time than was said [CLIENT-75]', async () => {
    const finish: (() => void)[] = [];
    let most = 0;
    let running = 0;
    const world = await withAgent({});
    const { server, agent } = world;
    agent.onMessage(
      'message',
      async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => finish.push(resolve));
        running -= 1;
      },
      { concurrency: 2 },
    );
    for (let i = 1; i <= 5; i += 1) server.peer.send(handle(i, null, { id: `m${String(i)}` }));
    for (let i = 0; i < 5; i += 1) {
      await eventually(() => finish.length > i);
      finish[i]?.();
    }
    await eventually(() => answersOf(server.received).length === 5);
    expect(most).to.equal(2);
    await stop(world);
  });
});

describe('client send', () => {
  const accepted = { messageId: 'm1', agent: 'worker', acceptedAt: '2026-01-01T00:00:00Z' };
  const settled = { messageId: 'm1', agent: 'worker', state: 'settled', outcome: 'handled', attempts: 1 };

  it('sends again with the same key when the connection breaks before the answer [CLIENT-76]', async () => {
    let sends = 0;
    const server = await TestServer.start({
      'message.send': (_params, peer) => {
        sends += 1;
        if (sends > 1) return accepted;
        peer.socket.terminate();
        return undefined;
      },
    });
    const client = await connect({ url: server.url, ...fast });
    const sent = await client.send({ agent: 'worker' }, { total: 5 }, { type: 'invoice', priority: 9 });
    const [first, second] = callsOf(server.received, 'message.send');
    expect([sent.messageId, sent.agent]).to.deep.equal(['m1', 'worker']);
    expect(second).to.deep.equal(first);
    expect(first).to.deep.include({ to: { agent: 'worker' }, payload: { total: 5 }, type: 'invoice', priority: 9 });
    expect(first?.idempotencyKey).to.be.a('string').with.length.greaterThan(20);
    await client.close();
    await server.stop();
  });

  it('follows its receipts by one subscription, over reconnects, and asks once for each [CLIENT-77]', async () => {
    let sends = 0;
    const server = await TestServer.start({
      'message.send': () => ({ ...accepted, messageId: `m${String(++sends)}` }),
      'message.receipt': ({ messageId }) => ({ ...settled, messageId, state: 'pending' }),
      'message.watch': () => ({ subscriptionId: `s${String(server.peers.length)}`, cursor: 'c0' }),
      'subscription.cancel': () => ({ done: true }),
    });
    const tell = (cursor: string, ...messageIds: string[]) => {
      const entries = messageIds.map((messageId) => ({ ...settled, messageId }));
      const params = { subscriptionId: `s${String(server.peers.length)}`, entries, cursor };
      server.peer.send({ method: 'subscription.events', params });
    };
    const client = await connect({ url: server.url, ...fast });
    const sent = [];
    for (let i = 0; i < 3; i += 1) sent.push(await client.send({ agent: 'worker' }, i));
    const receipts = Promise.all(sent.map(async ({ receipt }) => receipt));
    await eventually(() => callsOf(server.received, 'message.receipt').length === 3);
    tell('c1', 'm1', 'of-another');
    server.peer.socket.terminate();
    await eventually(() => callsOf(server.received, 'message.watch').length === 2);
    tell('c2', 'm3', 'm2');
    expect((await receipts).map(({ messageId }) => messageId)).to.deep.equal(['m1', 'm2', 'm3']);
    // Nobody waits any more: the next receipt ends it.
    tell('c3', 'of-another');
    await eventually(() => callsOf(server.received, 'subscription.cancel').length === 1);
    expect([
      callsOf(server.received, 'message.watch'),
      callsOf(server.received, 'message.receipt').length,
    ]).to.deep.equal([[{}, { after: 'c1' }], 3]);
    await client.close();
    await server.stop();
  });

  it('looks after a while when no subscription is free, and follows from now on when its cursor expired [CLIENT-77]', async () => {
    const watches = ['limit_exceeded', undefined, 'cursor_expired', undefined] as const;
    let looks = 0;
    let tries = 0;
    const server = await TestServer.start({
      'message.send': () => accepted,
      'message.receipt': () => (++looks < 3 ? { ...settled, state: 'pending' } : settled),
      'message.watch': (_params, peer) => {
        const refusal = watches[tries++];
        if (refusal !== undefined) throw Object.assign(new OrchestratorError(refusal), { data: { name: refusal } });
        // The first one that is granted breaks at once.
        if (tries === 2) setImmediate(() => peer.socket.terminate());
        return { subscriptionId: 's1', cursor: 'c1' };
      },
    });
    const client = await connect({ url: server.url, ...fast, pollMs: 1 });
    const { receipt } = await client.send({ agent: 'worker' }, null);
    expect([await receipt, tries]).to.deep.equal([settled, 4]);
    await client.close();
    await server.stop();
  });

  it('tells who waits for a receipt that the client was closed [CLIENT-77]', async () => {
    const server = await TestServer.start({
      'message.send': () => accepted,
      'message.receipt': () => ({ ...settled, state: 'pending' }),
      'message.watch': () => ({ subscriptionId: 's1', cursor: 'c1' }),
    });
    const client = await connect({ url: server.url, ...fast });
    const { receipt } = await client.send({ agent: 'worker' }, null);
    const failed = receipt.then(String, (error: unknown) => error);
    await eventually(() => callsOf(server.received, 'message.receipt').length === 1);
    await client.close();
    expect(await failed).to.have.property('reason', 'closed');
    await server.stop();
  });
});
