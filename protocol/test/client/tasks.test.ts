import { expect } from 'chai';
import { OrchestratorError } from '../../src/index.js';
import { connect, TaskFailure, TaskRejection, type AssignedTask, type Client } from '../../src/client/node.js';
import { eventually, TestServer, type Answers, type Received } from './test-server.js';

const fast = { reconnectBaseMs: 1, reconnectMaxMs: 5 };
const card = { name: 'Worker', version: '1.0.0' };
type Handler = (input: unknown, work: AssignedTask) => unknown;

/** An agent of its own client, played against a server that plays the daemon. */
async function withWorker(handler: Handler, answers: Answers = {}) {
  const server = await TestServer.start({
    'agent.register': ({ agentId }) => ({ agentId, state: 'ready', epoch: 1 }),
    'agent.setState': ({ agentId, state }) => ({ agentId, state, epoch: 1 }),
    'task.heartbeat': () => ({ cancelRequested: false, inputs: [] }),
    'task.complete': () => ({ state: 'completed' }),
    'task.fail': () => ({ state: 'failed' }),
    'task.reject': () => ({ state: 'rejected' }),
    'task.progress': () => ({ state: 'working' }),
    ...answers,
  });
  const reported: unknown[] = [];
  const client = await connect({ url: server.url, ...fast, onError: (error) => reported.push(error) });
  const skills = { work: { handler: (input: unknown, work: unknown) => handler(input, work as AssignedTask) } };
  await client.agent({ agentId: 'worker', card, skills });
  await eventually(() => server.received.some(({ method }) => method === 'task.open'));
  return { server, client, reported };
}

async function stop({ client, server }: { readonly client: Client; readonly server: TestServer }): Promise<void> {
  await client.close();
  await server.stop();
}

function assign(epoch: number, input: unknown, more: object = {}): object {
  const task = {
    taskId: 't1',
    attempt: epoch,
    epoch,
    leaseMs: 60_000,
    to: 'worker',
    skill: 'work',
    from: 'tester',
    ...more,
  };
  return { id: epoch, method: 'task.assign', params: { task, input } };
}

const callsOf = (received: readonly Received[], method: string) =>
  received.filter((m) => m.method === method).map(({ params }) => params);

const without = (key: string, params: object | undefined) =>
  Object.fromEntries(Object.entries(params ?? {}).filter(([name]) => name !== key));

describe('client worker', () => {
  it('accepts a task, does it by its skill, and tells its outcome [CLIENT-80]', async () => {
    const world = await withWorker((input, { envelope }) => {
      if (input === 'fail') throw new OrchestratorError('conflict', 'no');
      if (input === 'break') throw new Error('secret');
      if (input === 'reject') throw new TaskRejection('not my kind of work');
      return { done: input, attempt: envelope.attempt };
    });
    const { server, reported } = world;
    for (const [i, input] of ['do', 'fail', 'break', 'reject'].entries()) {
      server.peer.send(assign(i + 1, input, { taskId: `t${String(i + 1)}` }));
    }
    await eventually(() => callsOf(server.received, 'task.reject').length === 1);
    await eventually(() => callsOf(server.received, 'task.fail').length === 2);
    const told = ['task.complete', 'task.fail', 'task.reject'].flatMap((method) =>
      callsOf(server.received, method).map((params) => without('idempotencyKey', params)),
    );
    const answers = server.received.filter((m) => m.method === undefined).map(({ result }) => result);
    expect({ told, answers, reported: reported.map(String) }).to.deep.equal({
      told: [
        { taskId: 't1', epoch: 1, output: { done: 'do', attempt: 1 } },
        { taskId: 't2', epoch: 2, error: { name: 'conflict', message: 'Conflict: no', retryable: false } },
        { taskId: 't3', epoch: 3, error: { name: 'internal_error', message: 'The worker failed', retryable: true } },
        { taskId: 't4', epoch: 4, reason: 'not my kind of work' },
      ],
      answers: [null, null, null, null],
      reported: ['Error: secret'],
    });
    await stop(world);
  });

  it('goes on over a lost connection, and tells its outcome until the daemon has answered [CLIENT-81]', async () => {
    let finish: () => void = () => undefined;
    let completions = 0;
    const aborted: boolean[] = [];
    const world = await withWorker(
      async (_, { signal }) => {
        await new Promise<void>((resolve) => (finish = resolve));
        aborted.push(signal.aborted);
        return 'done';
      },
      {
        'task.complete': (_params, peer) => {
          completions += 1;
          if (completions === 1) peer.socket.terminate();
          return { state: 'completed' };
        },
      },
    );
    const { server } = world;
    server.peer.send(assign(1, null));
    await eventually(() => server.received.some(({ result }) => result === null));
    server.peer.socket.terminate();
    await eventually(() => callsOf(server.received, 'task.heartbeat').length === 1);
    finish();
    await eventually(() => completions === 2);
    const [first, second] = callsOf(server.received, 'task.complete');
    expect({ aborted, second }).to.deep.equal({ aborted: [false], second: first });
    await stop(world);
  });

  it('says that it lives while a handler runs, and learns so what it missed [CLIENT-82]', async () => {
    let answered: unknown;
    const world = await withWorker(
      async (_, work) => {
        answered = await work.needInput({ question: 'which?' }, { schema: { type: 'string' } });
        await new Promise((_resolve, reject) =>
          work.signal.addEventListener('abort', () => reject(work.signal.reason as Error)),
        );
      },
      {
        'task.needInput': () => ({ inputId: 'i1' }),
        'agent.setState': ({ agentId, state }) => ({ agentId, state, epoch: 1 }),
        'task.heartbeat': () => ({
          cancelRequested: answered !== undefined,
          inputs: answered === undefined ? [{ inputId: 'i1', payload: 'this' }] : [],
        }),
      },
    );
    const { server, client } = world;
    server.peer.send(assign(1, null, { leaseMs: 30 }));
    await eventually(() => callsOf(server.received, 'task.heartbeat').length >= 2);
    await client.drain();
    const asked = callsOf(server.received, 'task.needInput');
    expect({ answered, asked, keyed: typeof asked[0]?.idempotencyKey === 'string' }).to.deep.equal({
      answered: 'this',
      asked: [
        {
          taskId: 't1',
          epoch: 1,
          kind: 'input',
          prompt: { question: 'which?' },
          schema: { type: 'string' },
          idempotencyKey: asked[0]?.idempotencyKey,
        },
      ],
      keyed: true,
    });
    expect(callsOf(server.received, 'task.fail')).to.deep.equal([]);
    await stop(world);
  });

  it('stops when the task is canceled, or is another attempt by now [CLIENT-83]', async () => {
    const reasons: unknown[] = [];
    const world = await withWorker(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as OrchestratorError).errorName);
            reject(signal.reason as Error);
          }),
        ),
    );
    const { server } = world;
    server.peer.send(assign(1, null));
    server.peer.send(assign(2, null));
    server.peer.send({ method: 'task.canceled', params: { taskId: 't1', epoch: 1, reason: 'not this one' } });
    server.peer.send({ method: 'task.canceled', params: { taskId: 't1', epoch: 2, reason: 'enough' } });
    await eventually(() => reasons.length === 2);
    expect(reasons).to.deep.equal(['stale_attempt', 'canceled']);
    await stop(world);
  });

  it('says how far it is, the newest only, and adds artifacts in chunks that are sent again when in doubt [CLIENT-84]', async () => {
    const chunks: unknown[] = [];
    let lost = false;
    const world = await withWorker(
      async (_, work) => {
        for (let i = 1; i <= 100; i += 1) work.progress(i / 100, `${String(i)} of 100`);
        async function* pieces() {
          yield new Uint8Array([1, 2]);
          yield await Promise.resolve(new Uint8Array([3]));
        }
        await work.artifact('bytes', pieces(), { contentType: 'application/octet-stream' });
        return (await work.artifact('json', { a: 1 })).chunks;
      },
      {
        'task.artifact': (params, peer) => {
          chunks.push([params.artifactId, params.chunk, params.encoding, params.data, params.last]);
          if (!lost) {
            lost = true;
            peer.socket.terminate();
            return undefined;
          }
          return { version: 1, chunks: Number(params.chunk) + 1, bytes: 0 };
        },
      },
    );
    const { server } = world;
    server.peer.send(assign(1, null));
    await eventually(() => callsOf(server.received, 'task.complete').length === 1);
    const progress = callsOf(server.received, 'task.progress');
    expect(progress.length).to.be.lessThan(5);
    expect(progress.at(-1)).to.deep.equal({ taskId: 't1', epoch: 1, progress: 1, message: '100 of 100' });
    expect(chunks).to.deep.equal([
      ['bytes', 0, 'base64', 'AQI=', false],
      ['bytes', 0, 'base64', 'AQI=', false],
      ['bytes', 1, 'base64', 'Aw==', true],
      ['json', 0, 'json', { a: 1 }, true],
    ]);
    expect(callsOf(server.received, 'task.complete')[0]).to.include({ output: 1 });
    await stop(world);
  });
});

/** A task whose events a test adds one by one; its log can be followed from any of them. */
class FakeTask {
  readonly events: { event: number; type: string; final?: boolean }[] = [];
  readonly #followers = new Set<() => void>();
  #subscriptions = 0;
  state = 'working';

  readonly answers: Answers = {
    'task.submit': () => ({ taskId: 't1', state: 'submitted' }),
    'task.get': () => ({ task: { taskId: 't1', state: this.state, reason: 'why not' }, output: 42 }),
    'task.watch': ({ after, fromStart }, peer, id) => {
      const subscriptionId = `s${String(++this.#subscriptions)}`;
      let last = after === undefined ? (fromStart === true ? 0 : this.events.length) : Number(after);
      peer.send({ id, result: { subscriptionId, cursor: String(last), task: {} } });
      const follow = () => {
        const entries = this.events.slice(last);
        if (entries.length === 0) return;
        last = this.events.length;
        peer.send({ method: 'subscription.events', params: { subscriptionId, entries, cursor: String(last) } });
      };
      this.#followers.add(follow);
      follow();
      return undefined;
    },
    'subscription.cancel': () => ({ done: true }),
  };

  add(final = false): void {
    this.events.push({ event: this.events.length + 1, type: 'progress', ...(final ? { final } : {}) });
    for (const follow of this.#followers) follow();
  }
}

describe('client task', () => {
  it('sees every event once and in order though the connection is cut at each of them [CLIENT-85]', async () => {
    const fake = new FakeTask();
    const server = await TestServer.start(fake.answers);
    const client = await connect({ url: server.url, ...fast });
    const task = await client.submitTask({ skill: 'work' }, { n: 1 }, { title: 'Work' });
    fake.add();
    const seen: number[] = [];
    for await (const { event } of task) {
      seen.push(event);
      server.peer.socket.terminate();
      if (event <= 10) fake.add(event === 10);
    }
    expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const after: number[] = [];
    for await (const { event } of client.task('t1').events(8)) after.push(event);
    expect(after).to.deep.equal([9, 10, 11]);
    expect(without('idempotencyKey', callsOf(server.received, 'task.submit')[0])).to.deep.equal({
      to: { skill: 'work' },
      input: { n: 1 },
      title: 'Work',
    });
    await client.close();
    await server.stop();
  });

  it('has its result once it is completed, and says how it ended otherwise [CLIENT-86]', async () => {
    const fake = new FakeTask();
    const server = await TestServer.start(fake.answers);
    const client = await connect({ url: server.url, ...fast });
    const { result } = client.task('t1');
    await eventually(() => callsOf(server.received, 'task.watch').length === 1);
    fake.state = 'completed';
    fake.add(true);
    expect(await result).to.equal(42);
    fake.state = 'canceled';
    const failure: unknown = await client.task('t1').result.catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TaskFailure).with.property('message', 'Task t1 is canceled: why not');
    await client.close();
    await server.stop();
  });

  it('awaits more results than a connection has subscriptions [CLIENT-86]', async () => {
    const fake = new FakeTask();
    const server = await TestServer.start({
      ...fake.answers,
      'task.watch': () => {
        fake.state = 'completed';
        throw new OrchestratorError('limit_exceeded', 'a session has at most 64 subscriptions');
      },
    });
    const client = await connect({ url: server.url, ...fast, pollMs: 1 });
    expect(await client.task('t1').result).to.equal(42);
    await client.close();
    await server.stop();
  });

  it('reads an artifact chunk by chunk, all of one version [CLIENT-87]', async () => {
    const chunks = ['AQI=', 'Aw=='];
    const server = await TestServer.start({
      'task.readArtifact': ({ chunk, version }) => ({
        version: version ?? 3,
        encoding: 'base64',
        data: chunks[Number(chunk)],
        last: chunk === 1,
      }),
    });
    const client = await connect({ url: server.url, ...fast });
    const bytes = await client.task('t1').artifact('bytes').bytes();
    expect({ bytes: [...bytes], asked: callsOf(server.received, 'task.readArtifact') }).to.deep.equal({
      bytes: [1, 2, 3],
      asked: [
        { taskId: 't1', artifactId: 'bytes', chunk: 0 },
        { taskId: 't1', artifactId: 'bytes', chunk: 1, version: 3 },
      ],
    });
    await client.close();
    await server.stop();
  });
});
