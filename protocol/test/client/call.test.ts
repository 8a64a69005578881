import { expect } from 'chai';
import {
  METHODS,
  OrchestratorError,
  type ClientMethodName,
  type DaemonMethodName,
  type MethodDeclaration,
} from '../../src/index.js';
import { connect, ConnectionError } from '../../src/client/node.js';
import { isRepeatable } from '../../src/client/repeatable.js';
import { eventually, SESSION, TestServer } from './test-server.js';

const fast = { reconnectBaseMs: 1, reconnectMaxMs: 5 };

/** What a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

describe('the names that a client knows', () => {
  it('are by type those of the methods that it calls, and of those that it answers [CLIENT-65]', () => {
    // The compiler checks it: a name on the wrong side is an error here.
    const [answered, called]: readonly [ClientMethodName[], DaemonMethodName[]] = [
      ['agent.replaced', 'daemon.goingAway', 'message.deliver'],
      ['agent.list', 'message.request', 'request.cancel'],
    ];
    // @ts-expect-error the daemon calls it
    const wrong: DaemonMethodName = 'message.deliver';
    const sides = [...answered, wrong, ...called].map((name) => METHODS[name].answeredBy);
    expect(sides).to.deep.equal(['client', 'client', 'client', 'client', 'daemon', 'daemon', 'daemon']);
  });
});

describe('client connect', () => {
  it('sends the token with the upgrade in Node and knows its session [CLIENT-10]', async () => {
    const server = await TestServer.start();
    const client = await connect({ url: server.url, token: 'orc_test' });
    expect(server.peer.upgrade.headers.authorization).to.equal('Bearer orc_test');
    expect(client.session).to.deep.equal(SESSION);
    await client.close();
    await server.stop();
  });

  it('logs in by its first call with a standard WebSocket [CLIENT-11]', async () => {
    const server = await TestServer.start();
    const { WebSocket } = await import('ws');
    const client = await connect({ url: server.url, token: 'orc_test', WebSocket });
    expect(server.received.map(({ method, params }) => ({ method, params }))).to.deep.equal([
      { method: 'session.authenticate', params: { token: 'orc_test' } },
    ]);
    expect(client.session).to.deep.equal(SESSION);
    await client.close();
    await server.stop();
  });

  it('fails at once with the error of a refused login [CLIENT-12]', async () => {
    const server = await TestServer.start({
      'session.get': () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- an error object of the wire
        throw { code: 1000, message: 'Not authenticated', data: { name: 'unauthenticated', retryable: false } };
      },
    });
    const error = await failure(connect({ url: server.url, token: 'orc_wrong', connectAttempts: 5 }));
    expect(error).to.be.instanceOf(OrchestratorError).with.property('errorName', 'unauthenticated');
    expect(server.peers.length).to.equal(1);
    await server.stop();
  });

  it('says what is missing when there is no URL, or one that is none [CLIENT-12]', async () => {
    const errors = await Promise.all(['', 'nonsense'].map(async (url) => failure(connect({ url, token: 'orc_test' }))));
    expect(errors.map((error) => (error as Error).message)).to.deep.equal([
      'The URL of the daemon is missing; write for example ws://127.0.0.1:7420/rpc',
      '"nonsense" is no URL of a daemon; write for example ws://127.0.0.1:7420/rpc',
    ]);
  });

  it('fails with connect_failed where nobody listens [CLIENT-12]', async () => {
    const server = await TestServer.start();
    const { url } = server;
    await server.stop();
    const error = await failure(connect({ url }));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'connect_failed');
    expect((error as Error).message).to.contain('ECONNREFUSED');
  });
});

describe('client call', () => {
  it('answers the result, and a daemon error with its name, retryability and data [CLIENT-13]', async () => {
    const server = await TestServer.start({
      'daemon.ping': ({ echo }) => ({ pong: true, echo }),
      'agent.get': () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- an error object of the wire
        throw { code: 1100, message: 'No such agent: x', data: { name: 'agent_not_found', retryable: false, more: 1 } };
      },
    });
    const client = await connect({ url: server.url });
    expect(await client.call('daemon.ping', { echo: 'é' })).to.deep.equal({ pong: true, echo: 'é' });
    const error = (await failure(client.call('agent.get', { agentId: 'x' }))) as OrchestratorError;
    expect(error).to.be.instanceOf(OrchestratorError);
    expect({ name: error.errorName, message: error.message, more: error.data.more }).to.deep.equal({
      name: 'agent_not_found',
      message: 'No such agent: x',
      more: 1,
    });
    await client.close();
    await server.stop();
  });

  it('cancels at the daemon when its signal aborts or its time is over [CLIENT-14]', async () => {
    const server = await TestServer.start();
    const client = await connect({ url: server.url });
    const abort = new AbortController();
    const aborted = failure(client.call('agent.get', { agentId: 'a' }, { signal: abort.signal }));
    const late = failure(client.call('agent.get', { agentId: 'b' }, { timeoutMs: 20 }));
    abort.abort('enough');
    expect(((await aborted) as OrchestratorError).errorName).to.equal('canceled');
    expect(((await aborted) as OrchestratorError).cause).to.equal('enough');
    expect(((await late) as OrchestratorError).errorName).to.equal('deadline_exceeded');
    await eventually(() => server.received.length === 4);
    expect(
      server.received.filter(({ method }) => method === 'request.cancel').map(({ params }) => params),
    ).to.deep.equal([
      { id: 1, reason: 'aborted' },
      { id: 2, reason: 'deadline' },
    ]);
    await client.close();
    await server.stop();
  });

  it('refuses more calls than its bound, and messages over the limit of the daemon, without sending them [CLIENT-15]', async () => {
    const server = await TestServer.start();
    const client = await connect({ url: server.url, token: 'orc_test', maxPendingCalls: 1 });
    const large = (await failure(client.call('daemon.ping', { echo: 'x'.repeat(1_048_576) }))) as OrchestratorError;
    expect([large.errorName, large.data.limit]).to.deep.equal(['limit_exceeded', 'messageBytes']);
    const first = failure(client.call('daemon.ping', {}));
    const second = (await failure(client.call('daemon.ping', {}))) as ConnectionError;
    expect(second.reason).to.equal('too_many_calls');
    await client.close();
    expect(((await first) as ConnectionError).reason).to.equal('closed');
    expect(server.received.map((m) => m.method)).to.deep.equal(['session.get', 'daemon.ping']);
    await server.stop();
  });
});

describe('client reconnect', () => {
  it('sends a call that only reads or has an idempotencyKey again, and fails another that was sent [CLIENT-16]', async () => {
    const record = { agentId: 'a' };
    const server = await TestServer.start({
      'agent.get': () => (server.peers.length > 1 ? record : undefined),
      'agent.suspend': () => (server.peers.length > 1 ? record : undefined),
    });
    const client = await connect({ url: server.url, ...fast });
    const read = client.call('agent.get', { agentId: 'a' });
    const keyed = client.call('agent.suspend', { agentId: 'a', idempotencyKey: 'k' });
    const effect = failure(client.call('agent.suspend', { agentId: 'a' }));
    await eventually(() => server.peer.received.length === 3);
    server.peer.socket.terminate();
    expect(((await effect) as ConnectionError).reason).to.equal('connection_lost');
    expect(await read).to.deep.equal(record);
    expect(await keyed).to.deep.equal(record);
    expect(server.peer.received.map((m) => [m.method, m.params])).to.deep.equal([
      ['agent.get', { agentId: 'a' }],
      ['agent.suspend', { agentId: 'a', idempotencyKey: 'k' }],
    ]);
    await client.close();
    await server.stop();
  });

  it('keeps calls made without a connection, and sends them on the next [CLIENT-17]', async () => {
    const server = await TestServer.start({ 'agent.suspend': () => ({ agentId: 'a' }) });
    const client = await connect({ url: server.url, ...fast });
    server.peer.socket.terminate();
    for await (const { state } of client.status()) if (state === 'waiting') break;
    expect(await client.call('agent.suspend', { agentId: 'a' })).to.deep.equal({ agentId: 'a' });
    await client.close();
    await server.stop();
  });

  it('holds calls back once the daemon goes, and stays away as long as it asks [CLIENT-18]', async () => {
    const server = await TestServer.start({ 'daemon.ping': () => ({ pong: true }) });
    const client = await connect({ url: server.url, ...fast, retryAfterMaxMs: 50 });
    const states: unknown[] = [];
    const followed = (async () => {
      for await (const state of client.status()) states.push(state);
    })();
    const told = new Promise<void>((resolve) => client.handle('daemon.goingAway', () => resolve()));
    const first = server.peer;
    first.send({ method: 'daemon.goingAway', params: { reason: 'restart', deadlineMs: 1000, retryAfterMs: 40 } });
    await told;
    const held = client.call('daemon.ping', {});
    first.socket.close(1001, 'going away');
    expect(await held).to.deep.equal({ pong: true });
    expect(first.received).to.deep.equal([]);
    await client.close();
    await followed;
    const waiting = states.find((s) => (s as { state: string }).state === 'waiting') as { delayMs: number };
    expect(waiting.delayMs).to.be.within(40, 45);
    expect(states.map((s) => (s as { state: string }).state)).to.deep.equal([
      'connected',
      'waiting',
      'connecting',
      'connected',
      'closed',
    ]);
    await server.stop();
  });

  it('notices a connection that is dead without a word, and makes another [CLIENT-19]', async () => {
    const server = await TestServer.start({
      'agent.get': () => (server.peers.length > 1 ? { agentId: 'a' } : undefined),
    });
    const client = await connect({ url: server.url, ...fast, pingIntervalMs: 20 });
    expect(await client.call('agent.get', { agentId: 'a' })).to.deep.equal({ agentId: 'a' });
    expect(server.peers[0]?.received.map((m) => m.method)).to.deep.equal(['agent.get', 'daemon.ping']);
    await client.close();
    await server.stop();
  });

  it('knows of every method whether it can be sent twice [CLIENT-16]', () => {
    const readOnce = [
      'agent.heartbeat',
      'context.watch',
      'inbox.close',
      'inbox.open',
      'inbox.pull',
      'journal.subscribe',
      'message.request',
      'message.watch',
      'session.authenticate',
      'state.watch',
      'subscription.cancel',
      'task.close',
      'task.open',
      'task.progress',
      'task.pull',
      'task.watch',
      'timeline.watch',
      'tool.cancel',
    ];
    const reads = Object.values(METHODS as Record<string, MethodDeclaration>)
      .filter((m) => m.answeredBy === 'daemon' && !m.notification && !m.effect)
      .map((m) => m.name)
      .filter((name) => !readOnce.includes(name));
    expect(Object.keys(METHODS).filter((name) => isRepeatable(name, {}))).to.deep.equal(reads);
  });
});

describe('client drain', () => {
  it('takes no new calls, waits for those in flight, then closes [CLIENT-20]', async () => {
    const server = await TestServer.start();
    const client = await connect({ url: server.url });
    const inFlight = client.call('daemon.ping', {});
    await eventually(() => server.received.length === 1);
    const drained = client.drain();
    expect(client.connection.state).to.equal('draining');
    expect(((await failure(client.call('daemon.ping', {}))) as ConnectionError).reason).to.equal('closed');
    server.peer.send({ id: 1, result: { pong: true } });
    expect(await inFlight).to.deep.equal({ pong: true });
    await drained;
    expect(client.connection.state).to.equal('closed');
    await server.stop();
  });
});
