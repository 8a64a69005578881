import { expect } from 'chai';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { RpcClient } from '../support/rpc-client.js';
import { until } from '../support/worker-process.js';

const card = { name: 'x', version: '1.0.0', skills: [{ id: 'work' }] };

/** A frame as somebody else could have recorded it. */
function frame(id: number, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

async function withDaemon<T>(use: (daemon: TestDaemon) => Promise<T>, limits: object = {}): Promise<T> {
  const daemon = await startTestDaemon({ config: { limits, drain: { deadlineMs: 500 } } });
  try {
    return await use(daemon);
  } finally {
    // Ends the connections too.
    await daemon.stop();
  }
}

describe('F74: what was recorded and is sent again', () => {
  it('has no second effect: the same answer, whatever it was, as often as it comes [F74]', async () => {
    const { failed, answers, replayed, before, after } = await withDaemon(async ({ url, adminKey }) => {
      const first = await RawConnection.open(url, adminKey);
      await first.result('agent.register', { agentId: 'one', card });
      await first.result('inbox.open', { agentId: 'one' });
      const { contextId } = await first.result('context.create', {});
      const frames = [
        frame(1, 'message.send', { to: { agent: 'one' }, payload: 1, idempotencyKey: 'm' }),
        frame(2, 'task.submit', { to: { skill: 'work' }, input: 1, idempotencyKey: 't' }),
        frame(3, 'state.put', { agentId: 'one', field: 'count', value: 1, idempotencyKey: 's' }),
        frame(4, 'context.append', { contextId, payload: 1, idempotencyKey: 'c' }),
      ];
      const answersOf = async (): Promise<string[]> => {
        const client = await RpcClient.connect(url, adminKey);
        const answers: string[] = [];
        for (const text of frames) answers.push(JSON.stringify(await client.ask(text)));
        await client.close();
        return answers;
      };
      const answers = await answersOf();
      const recorded = async () => (await first.result('journal.read', { limit: 1000 })).entries;
      await until(() => first.received.some(({ method }) => method === 'message.handle'));
      const before = await recorded();
      const replayed = [await answersOf(), await answersOf()];
      const after = await recorded();
      return {
        failed: answers.filter((text) => 'error' in (JSON.parse(text) as object)),
        answers,
        replayed,
        before,
        after,
      };
    });
    expect(failed).to.deep.equal([]);
    expect(replayed).to.deep.equal([answers, answers]);
    expect(after).to.deep.equal(before);
  });

  it('ends nothing twice: an ack says again what it said, and one of an attempt that is over is refused [F74]', async () => {
    const { stale, acks, stolen } = await withDaemon(async ({ url, adminKey }) => {
      const agent = await RawConnection.open(url, adminKey);
      await agent.result('agent.register', { agentId: 'one', card });
      await agent.result('message.send', { to: { agent: 'one' }, payload: 1 });
      await agent.result('task.submit', { to: { agent: 'one' }, input: 1, retry: { maxAttempts: 2 } });
      const pullMessage = async () => {
        const { messages } = await agent.result('inbox.pull', { agentId: 'one', waitMs: 5_000 });
        const [{ message }] = messages as [{ message: { id: string; deliveryId: string } }];
        return { messageId: message.id, deliveryId: message.deliveryId };
      };
      const pullTask = async () => {
        const { tasks } = await agent.result('task.pull', { agentId: 'one', waitMs: 5_000 });
        const [{ task }] = tasks as [{ task: { taskId: string; epoch: number } }];
        return { taskId: task.taskId, epoch: task.epoch };
      };
      const old = { message: await pullMessage(), task: await pullTask() };
      await agent.result('message.nack', { ...old.message, delayMs: 0 });
      await agent.result('task.fail', { ...old.task, error: { name: 'busy', message: 'later' } });
      const now = { message: await pullMessage() };
      const stale = [
        await agent.failure('message.ack', old.message),
        await agent.failure('message.nack', old.message),
        await agent.failure('task.complete', old.task),
      ].map(({ name }) => name);
      const acks = [await agent.result('message.ack', now.message), await agent.result('message.ack', now.message)];
      const made = await agent.result('key.create', { name: 'thief', roles: ['agent'] });
      const thief = await RawConnection.open(url, String(made.secret));
      const stolen = [await thief.failure('message.ack', now.message), await thief.failure('task.complete', old.task)];
      return { stale, acks, stolen };
    });
    expect([stale, acks[1], stolen.map(({ name }) => name)]).to.deep.equal([
      ['stale_attempt', 'stale_attempt', 'stale_attempt'],
      acks[0],
      ['not_found', 'task_not_found'],
    ]);
  });

  it('opens nothing when it is a key that was rotated or revoked, neither at the upgrade nor on a connection [F74]', async () => {
    const replays = await withDaemon(async ({ url, adminKey }) => {
      const admin = await RawConnection.open(url, adminKey);
      const replays: unknown[] = [];
      for (const end of ['key.rotate', 'key.revoke']) {
        const made = await admin.result('key.create', { name: end, roles: ['agent'] });
        const secret = String(made.secret);
        const { keyId } = made.key as { keyId: string };
        const before = await RawConnection.open(url, secret);
        await before.result('daemon.ping');
        await admin.result(end, { keyId });
        const upgrade = await RpcClient.connect(url, secret).then(() => 'opened', String);
        const client = await RpcClient.connect(url);
        const answer = (await client.call('session.authenticate', { token: secret })) as {
          error?: { data: { name: string } };
        };
        client.ws.terminate();
        await before.close();
        replays.push([upgrade, answer.error?.data.name]);
      }
      return replays;
    });
    const refused = ['Error: Unexpected server response: 401', 'unauthenticated'];
    expect(replays).to.deep.equal([refused, refused]);
  });

  it('is known by answers that are bounded for each principal, and forgotten after their time [F74]', async () => {
    const names = await withDaemon(
      async (daemon) => {
        const admin = await RawConnection.open(daemon.url, daemon.adminKey);
        await admin.result('agent.register', { agentId: 'one', card });
        const made = await admin.result('key.create', { name: 'other', roles: ['agent'] });
        const other = await RawConnection.open(daemon.url, String(made.secret));
        const send = async (by: RawConnection, idempotencyKey: string, payload = 1) => {
          const { error } = await by.call('message.send', { to: { agent: 'one' }, payload, idempotencyKey });
          return error?.data?.name;
        };
        const names: unknown[] = [];
        for (const key of ['1', '2', '3', '4']) names.push(await send(admin, key));
        names.push(await send(other, '1'));
        // The key of another call is known again, until it is given up: the first is, the last is not yet.
        names.push(await send(admin, '4', 2), await send(admin, '1', 2));
        await until(async () => (await send(admin, '4', 3)) === undefined);
        return names;
      },
      { effects: { keysPerPrincipal: 3, keepMs: 1_500, sweepMs: 100 } },
    );
    expect(names).to.deep.equal([undefined, undefined, undefined, undefined, undefined, 'conflict', undefined]);
  });
});
