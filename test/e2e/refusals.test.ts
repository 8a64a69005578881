import { expect } from 'chai';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { RpcClient } from '../support/rpc-client.js';

const card = { name: 'x', version: '1.0.0', skills: [{ id: 'work' }] };
const MIB = 1024 * 1024;

/** Runs `use` with a daemon and a connection that has registered the agent `one`. */
async function withAgent<T>(use: (agent: RawConnection, daemon: TestDaemon) => Promise<T>): Promise<T> {
  const daemon = await startTestDaemon({
    config: { drain: { deadlineMs: 500 }, limits: { messages: { backoffMs: 1 }, tasks: { backoffMs: 1 } } },
  });
  const agent = await RawConnection.open(daemon.url, daemon.adminKey);
  try {
    await agent.result('agent.register', { agentId: 'one', card });
    return await use(agent, daemon);
  } finally {
    await agent.close();
    await daemon.stop();
  }
}

describe('over sockets, a late result of an old attempt', () => {
  it('of a message is refused, and the attempt that counts is not disturbed [MSG-11]', async () => {
    const said = await withAgent(async (agent) => {
      const { messageId } = await agent.result('message.send', { to: { agent: 'one' }, payload: 'hi' });
      const pull = async () => {
        const { messages } = await agent.result('inbox.pull', { agentId: 'one', waitMs: 5_000 });
        const [{ message }] = messages as [{ message: { deliveryId: string; attempt: number } }];
        return message;
      };
      const first = await pull();
      await agent.result('message.nack', { messageId, deliveryId: first.deliveryId, delayMs: 1 });
      const second = await pull();
      const late = [
        await agent.failure('message.ack', { messageId, deliveryId: first.deliveryId }),
        await agent.failure('message.nack', { messageId, deliveryId: first.deliveryId, final: true }),
        await agent.failure('message.extend', { messageId, deliveryId: first.deliveryId, extendMs: 1 }),
      ].map(({ name }) => name);
      const { outcome } = await agent.result('message.ack', { messageId, deliveryId: second.deliveryId });
      return { attempts: [first.attempt, second.attempt], late, outcome };
    });
    expect(said).to.deep.equal({
      attempts: [1, 2],
      late: ['stale_attempt', 'stale_attempt', 'stale_attempt'],
      outcome: 'handled',
    });
  });

  it('of a task is refused and kept in its record, and the result that counts is not disturbed [TASK-14]', async () => {
    const said = await withAgent(async (agent) => {
      const retry = { maxAttempts: 2 };
      const submitted = await agent.result('task.submit', { to: { agent: 'one' }, input: 'hi', retry });
      const taskId = String(submitted.taskId);
      const pull = async () => {
        const { tasks } = await agent.result('task.pull', { agentId: 'one', waitMs: 5_000 });
        const [{ task }] = tasks as [{ task: { epoch: number } }];
        return task.epoch;
      };
      const first = await pull();
      await agent.result('task.fail', { taskId, epoch: first, error: { name: 'busy', message: 'not now' } });
      const second = await pull();
      const late = [
        await agent.failure('task.complete', { taskId, epoch: first, output: 'late' }),
        await agent.failure('task.artifact', {
          taskId,
          epoch: first,
          artifactId: 'a',
          chunk: 0,
          last: true,
          encoding: 'text',
          data: 'late',
        }),
        await agent.failure('task.progress', { taskId, epoch: first, progress: 1 }),
      ].map(({ name }) => name);
      await agent.result('task.complete', { taskId, epoch: second, output: 'in time' });
      const { task, output } = await agent.result('task.get', { taskId, include: ['result'] });
      const { entries } = await agent.result('journal.read', { resource: `task/${taskId}` });
      const actions = (entries as { action: string }[]).map(({ action }) => action);
      return { epochs: [first, second], late, output, state: (task as { state: string }).state, actions };
    });
    expect(said).to.deep.equal({
      epochs: [1, 2],
      late: ['stale_attempt', 'stale_attempt', 'stale_attempt'],
      state: 'completed',
      output: 'in time',
      actions: [
        'task.submitted',
        'task.assigned',
        'task.attemptFailed',
        'task.assigned',
        'task.lateResult',
        'task.completed',
      ],
    });
  });
});

describe('over sockets, an idempotency key that was used with other params', () => {
  it('is a conflict for messages, tasks, state and contexts, and nothing is done [MSG-06] [TASK-09]', async () => {
    const said = await withAgent(async (agent) => {
      const { contextId } = await agent.result('context.create', {});
      const calls: [string, object, object][] = [
        ['message.send', { to: { agent: 'one' }, payload: 1 }, { to: { agent: 'one' }, payload: 2 }],
        ['message.send', { to: { agent: 'one' }, payload: 1 }, { to: { agent: 'one' }, payload: 1, priority: 9 }],
        ['task.submit', { to: { agent: 'one' }, input: 1 }, { to: { agent: 'one' }, input: 2 }],
        ['state.put', { agentId: 'one', field: 'a', value: 1 }, { agentId: 'one', field: 'a', value: 2 }],
        ['context.append', { contextId, payload: 1 }, { contextId, payload: 2 }],
        // Also with another method.
        ['task.submit', { to: { agent: 'one' }, input: 1 }, { to: { agent: 'one' }, payload: 1 }],
      ];
      const names: unknown[] = [];
      for (const [i, [method, params, others]] of calls.entries()) {
        const idempotencyKey = `key-${String(i)}`;
        await agent.result(method, { ...params, idempotencyKey });
        const other = i === calls.length - 1 ? 'message.send' : method;
        names.push((await agent.failure(other, { ...others, idempotencyKey })).name);
      }
      const { messages } = await agent.result('inbox.get', { agentId: 'one' });
      return [names, messages];
    });
    expect(said).to.deep.equal([Array.from({ length: 6 }, () => 'conflict'), 2]);
  });
});

describe('over sockets, a message', () => {
  it('at the size limit is taken, one byte over it is refused, and far over it ends the connection and no other [DELIVERY-04]', async () => {
    const said = await withAgent(async (agent, { url, adminKey }) => {
      const frameOf = (bytes: number) => {
        const head = '{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"to":{"agent":"one"},"payload":"';
        return `${head}${'x'.repeat(bytes - head.length - 3)}"}}`;
      };
      const results: unknown[] = [];
      for (const bytes of [MIB, MIB + 1, 64 * MIB]) results.push(await fateOf(url, adminKey, frameOf(bytes)));
      const { messages } = await agent.result('inbox.get', { agentId: 'one' });
      return { results, messages, others: (await agent.result('daemon.ping')).pong };
    });
    const tooLarge = [1009, `a message has at most ${String(MIB)} bytes`];
    expect(said).to.deep.equal({ results: ['result', tooLarge, tooLarge], messages: 1, others: true });
  });
});

/** What a frame that is sent on a connection of its own comes to: a result, or the end of the connection. */
async function fateOf(url: string, key: string, frame: string): Promise<unknown> {
  const client = await RpcClient.connect(url, key);
  const answer = client.ask(frame).then((said) => Object.keys(said as object).at(-1));
  const fate = await Promise.race([answer, client.closed.then(({ code, reason }) => [code, reason])]);
  answer.catch(() => undefined);
  client.ws.terminate();
  return fate;
}

describe('names that differ only in their Unicode form', () => {
  const form = {
    composed: 'caf\u00e9',
    decomposed: 'cafe\u0301',
    cyrillic: '\u0430gent',
    wide: '\uff41gent',
    hidden: 'age\u200bnt',
  };

  it('are refused for agents, skills, contexts, fields, artifacts and keys of repeats, with the path of what is wrong [DELIVERY-05]', async () => {
    const said = await withAgent(async (agent) => {
      const names = Object.values(form);
      const refused: unknown[] = [];
      const taskId = '0199f3a1-7c00-7000-8000-000000000001';
      for (const name of names) {
        const calls: [string, string, object][] = [
          ['/agentId', 'agent.register', { agentId: name, card }],
          ['/card/skills/0/id', 'agent.register', { agentId: 'two', card: { ...card, skills: [{ id: name }] } }],
          ['/to', 'message.send', { to: { agent: name }, payload: 1 }],
          ['/to', 'task.submit', { to: { skill: name }, input: 1 }],
          ['/contextId', 'context.create', { contextId: name }],
          ['/field', 'state.put', { agentId: 'one', field: name, value: 1 }],
          ['/artifactId', 'task.artifact', { taskId, epoch: 1, artifactId: name, chunk: 0, data: 'eA==' }],
          ['/type', 'message.send', { to: { agent: 'one' }, payload: 1, type: name }],
          ['/idempotencyKey', 'message.send', { to: { agent: 'one' }, payload: 1, idempotencyKey: name }],
        ];
        for (const [path, method, params] of calls) {
          const { name: error, issues } = await agent.failure(method, params);
          const said = (issues as { path: string }[]).some((issue) => issue.path.startsWith(path));
          refused.push(said ? error : [method, issues]);
        }
      }
      const { messages } = await agent.result('inbox.get', { agentId: 'one' });
      return [[...new Set(refused)], messages];
    });
    expect(said).to.deep.equal([['invalid_params'], 0]);
  });

  it('stand for different principals where they name keys, of which none can be taken for the other [DELIVERY-05]', async () => {
    const principals = await withAgent(async (agent) => {
      const made: unknown[] = [];
      for (const name of Object.values(form)) {
        const { key } = await agent.result('key.create', { name, roles: ['agent'] });
        made.push((key as { principal: string }).principal);
      }
      return made as string[];
    });
    expect(new Set(principals).size).to.equal(principals.length);
    for (const principal of principals) expect(principal).to.match(/^[a-zA-Z0-9._-]+$/);
  });
});
