import { expect } from 'chai';
import { OrchestratorError } from '../../src/index.js';
import { connect } from '../../src/client/node.js';
import { eventually, TestServer, type Received } from './test-server.js';

const fast = { reconnectBaseMs: 1, reconnectMaxMs: 5 };
const card = { name: 'Echo', version: '1.0.0' };

const registers = {
  'agent.register': ({ agentId }: Record<string, unknown>) => ({ agentId, state: 'ready', epoch: 1 }),
  'agent.setState': ({ agentId, state }: Record<string, unknown>) => ({ agentId, state, epoch: 1 }),
};

function deliver(id: number, payload: unknown, more: object = {}): object {
  const message = { id: `m${String(id)}`, from: 'tester', to: 'echo', hops: 1, timeoutMs: 1000, ...more };
  return { id, method: 'message.deliver', params: { message, payload } };
}

const answersOf = (received: readonly Received[]) => received.filter((m) => m.method === undefined);

describe('client agent', () => {
  it('registers, answers messages with their result or error, and hides what it did not mean to tell [CLIENT-25]', async () => {
    const server = await TestServer.start(registers);
    const reported: unknown[] = [];
    const client = await connect({ url: server.url, onError: (error) => reported.push(error) });
    await client.agent({
      agentId: 'echo',
      card,
      handler: (payload) => {
        if (payload === 'refuse') throw new OrchestratorError('conflict', 'no');
        if (payload === 'break') throw new Error('secret');
        return { payload };
      },
    });
    for (const [id, payload] of ['hello', 'refuse', 'break'].entries()) server.peer.send(deliver(id, payload));
    await eventually(() => answersOf(server.received).length === 3);
    const answers = new Map(answersOf(server.received).map(({ id, result, error }) => [id, result ?? error?.message]));
    expect([answers.get(0), answers.get(1), answers.get(2)]).to.deep.equal([
      { payload: 'hello' },
      'Conflict: no',
      'Internal error',
    ]);
    expect(reported.map(String)).to.deep.equal(['Error: secret']);
    await client.close();
    await server.stop();
  });

  it('does what names a skill by its handler, and the rest by the one for the rest; its card says no more than its skills [CLIENT-70]', async () => {
    const server = await TestServer.start(registers);
    const client = await connect({ url: server.url });
    await client.agent({
      agentId: 'echo',
      card,
      skills: {
        echo: { description: 'Says it again.', handler: (payload) => payload },
        add: { input: { type: 'object' }, handler: ({ a, b }: { a: number; b: number }) => a + b },
      },
      handler: (_, work) => `which skill, ${work.envelope.from}?`,
    });
    server.peer.send(deliver(1, 'hello', { skill: 'echo' }));
    server.peer.send(deliver(2, { a: 1, b: 2 }, { skill: 'add' }));
    server.peer.send(deliver(3, null));
    await eventually(() => answersOf(server.received).length === 3);
    expect([server.received[0]?.params?.card, answersOf(server.received).map(({ result }) => result)]).to.deep.equal([
      {
        ...card,
        skills: [
          { id: 'echo', description: 'Says it again.' },
          { id: 'add', input: { type: 'object' } },
        ],
      },
      ['hello', 3, 'which skill, tester?'],
    ]);
    await client.close();
    await server.stop();
  });

  it('names its skills to who asks for none of several, for good [CLIENT-70]', async () => {
    const server = await TestServer.start(registers);
    const client = await connect({ url: server.url });
    const handler = (payload: unknown) => payload;
    await client.agent({ agentId: 'echo', card, skills: { echo: { handler }, add: { handler } } });
    server.peer.send(deliver(1, 'hello'));
    await eventually(() => answersOf(server.received).length === 1);
    const { message, data } = answersOf(server.received)[0]?.error ?? {};
    expect([message, (data as { retryable?: unknown } | undefined)?.retryable]).to.deep.equal([
      'Invalid params: this agent has several skills; ask for one of them, not the agent',
      false,
    ]);
    await client.close();
    await server.stop();
  });

  it('works on no more messages at a time than it said, and refuses what it cannot keep waiting [CLIENT-26]', async () => {
    const server = await TestServer.start(registers);
    const client = await connect({ url: server.url });
    let running = 0;
    let most = 0;
    await client.agent({
      agentId: 'echo',
      card,
      concurrency: 2,
      maxWaiting: 3,
      handler: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return 'done';
      },
    });
    for (let id = 0; id < 6; id += 1) server.peer.send(deliver(id, null));
    await eventually(() => answersOf(server.received).length === 6);
    const answers = answersOf(server.received);
    expect(most).to.equal(2);
    expect(answers.filter((m) => m.result === 'done').length).to.equal(5);
    expect(answers.filter((m) => m.error).map((m) => m.error?.code)).to.deep.equal([1103]);
    await client.close();
    await server.stop();
  });

  it('aborts the work on a message that is canceled [CLIENT-27]', async () => {
    const server = await TestServer.start(registers);
    const client = await connect({ url: server.url });
    await client.agent({
      agentId: 'echo',
      card,
      handler: (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    server.peer.send(deliver(7, null));
    server.peer.send({ method: 'request.cancel', params: { id: 7 } });
    await eventually(() => answersOf(server.received).length === 1);
    expect(answersOf(server.received)[0]?.error?.data).to.include({ name: 'canceled' });
    await client.close();
    await server.stop();
  });

  it('streams parts to those who take them, and asks others within the message: its deadline and parent [CLIENT-28]', async () => {
    const server = await TestServer.start({
      ...registers,
      'message.request': () => ({ agent: 'other', payload: 'two' }),
    });
    const client = await connect({ url: server.url });
    await client.agent({
      agentId: 'echo',
      card,
      handler: async (_, work) => {
        work.part('one');
        return (await work.request({ skill: 'other' }, 'ask')).payload;
      },
    });
    server.peer.send(deliver(1, null, { stream: true }));
    await eventually(() => answersOf(server.received).length === 1);
    const [, part, request, answer] = server.received.filter(({ method }) => method?.endsWith('.open') !== true);
    expect(part?.params).to.deep.equal({ messageId: 'm1', payload: 'one' });
    expect(request?.params).to.include({ payload: 'ask', parentId: 'm1' });
    expect(request?.params?.timeoutMs).to.be.within(1, 1000);
    expect(answer?.result).to.equal('two');
    await client.close();
    await server.stop();
  });

  it('hands on the parts of a streamed answer in order [CLIENT-29]', async () => {
    const server = await TestServer.start({
      'message.request': (_params, peer, requestId) => {
        for (const [sequence, payload] of ['a', 'b'].entries()) {
          peer.send({ method: 'message.partial', params: { requestId, sequence, payload } });
        }
        return { agent: 'echo', payload: 'ab' };
      },
    });
    const client = await connect({ url: server.url });
    const parts: unknown[] = [];
    const answer = await client.request({ agent: 'echo' }, null, { onPart: (part) => parts.push(part) });
    expect({ parts, answer }).to.deep.equal({ parts: ['a', 'b'], answer: { agent: 'echo', payload: 'ab' } });
    expect(server.received[0]?.params).to.include({ stream: true, timeoutMs: 30_000 });
    await client.close();
    await server.stop();
  });

  it('registers again after a reconnect in the state that it had, and not once it was replaced [CLIENT-30]', async () => {
    const server = await TestServer.start(registers);
    const client = await connect({ url: server.url, ...fast });
    const agent = await client.agent({ agentId: 'echo', card, handler: () => null });
    await agent.setState('busy');
    server.peer.socket.terminate();
    await eventually(() => server.peers.length === 2 && server.peer.received.length === 4);
    expect(server.peer.received.map((m) => [m.method, m.params?.state])).to.deep.equal([
      ['agent.register', 'ready'],
      ['inbox.open', undefined],
      ['task.open', undefined],
      ['agent.setState', 'busy'],
    ]);
    server.peer.send({ method: 'agent.replaced', params: { agentId: 'echo', epoch: 2 } });
    expect(await agent.ended).to.deep.equal({ reason: 'replaced' });
    server.peer.socket.terminate();
    await eventually(() => server.peers.length === 3 && client.connection.state === 'connected');
    expect(server.peer.received).to.deep.equal([]);
    await client.close();
    await server.stop();
  });

  it('comes back, with what it follows, though more calls wait than may, and though it is refused for now [CLIENT-30]', async () => {
    let opened = 0;
    const server = await TestServer.start({
      ...registers,
      'journal.subscribe': () => ({ subscriptionId: 's1', cursor: '9' }),
      'inbox.open': ({ window }) => {
        opened += 1;
        if (opened !== 2) return { window };
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- an error object of the wire
        throw { code: 1109, message: 'Busy', data: { name: 'too_many_pending', retryable: true } };
      },
    });
    const client = await connect({ url: server.url, ...fast, maxPendingCalls: 3 });
    const agent = await client.agent({ agentId: 'echo', card, handler: () => null });
    await client.subscribe();
    await agent.setState('busy');
    server.peer.socket.terminate();
    for await (const { state } of client.status()) if (state === 'waiting') break;
    // Never answered, so that there is no room at any time.
    const waiting = [1, 2, 3].map((echo) => client.call('daemon.ping', { echo }).catch(String));
    await eventually(() => server.peers.length === 2 && opened === 3 && server.peer.received.length === 9);
    expect(server.peer.received.map(({ method }) => method)).to.have.members([
      'agent.register',
      'journal.subscribe',
      'daemon.ping',
      'daemon.ping',
      'daemon.ping',
      'inbox.open',
      'task.open',
      'agent.setState',
      'inbox.open',
    ]);
    await client.close();
    expect(await agent.ended).to.deep.equal({ reason: 'closed' });
    expect(await Promise.all(waiting)).to.have.length(3);
    await server.stop();
  });

  it('on drain takes no more requests, finishes those in flight with what they ask others, and closes [CLIENT-20]', async () => {
    const server = await TestServer.start({
      ...registers,
      'message.request': () => ({ agent: 'other', payload: 'late' }),
    });
    const client = await connect({ url: server.url });
    let begun = false;
    await client.agent({
      agentId: 'echo',
      card,
      handler: async (_, work) => {
        begun = true;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return (await work.request({ skill: 'other' }, null)).payload;
      },
    });
    server.peer.send(deliver(1, null));
    await eventually(() => begun);
    await client.drain();
    expect(server.received.map((m) => m.method ?? m.result)).to.deep.equal([
      'agent.register',
      'inbox.open',
      'task.open',
      'agent.setState',
      'inbox.close',
      'task.close',
      'message.request',
      'late',
    ]);
    await server.stop();
  });
});
