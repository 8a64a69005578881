import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { RpcClient } from '../support/rpc-client.js';
import { until, WorkerProcess } from '../support/worker-process.js';

describe('F86: a stop while something is worked on that never ends', () => {
  it('returns the lease of a task at the deadline, shows it as interrupted, and goes on with it after the restart [F86]', async () => {
    const config = { drain: { deadlineMs: 1_000 }, http: { port: 0 } };
    const first = await startTestDaemon({ config });
    const { dataDir, adminKey: token } = first;
    const client = await connect({ url: first.url, token });
    const worker = WorkerProcess.start(first.url, token, 'one');
    await until(async () => (await client.call('agent.list', { skill: 'work' })).entries.length > 0);
    const { taskId } = await client.call('task.submit', { to: { skill: 'work' }, input: 'never' });
    await until(() => worker.given.length > 0);
    await client.close();
    const from = performance.now();
    first.child.kill('SIGTERM');
    const { code } = await first.ended;
    const tookMs = performance.now() - from;
    await worker.kill();

    const second = await startTestDaemon({ config, dataDir });
    const again = await connect({ url: second.url, token });
    const between = (await again.call('task.get', { taskId })).task;
    const next = WorkerProcess.start(second.url, token, 'one');
    await until(() => next.given.length > 0);
    const stale = await again.call('task.complete', { taskId, epoch: 1 }).catch((error: unknown) => error);
    const done = await again.call('task.complete', { taskId, epoch: 2, output: 'at last' });
    const { entries } = await again.call('journal.read', { resource: `task/${taskId}` });
    await next.kill();
    await again.close();
    await second.stop();
    expect({
      code,
      waited: tookMs >= 900 && tookMs < 10_000,
      between: [between.state, between.interrupted, between.attempt],
      next: [next.given[0]?.taskId === taskId, next.given[0]?.attempt, next.given[0]?.epoch],
      stale: (stale as { errorName: string }).errorName,
      done: done.state,
      journal: entries.map(({ action }) => action),
    }).to.deep.equal({
      code: 0,
      waited: true,
      between: ['submitted', true, 1],
      next: [true, 1, 2],
      stale: 'stale_attempt',
      done: 'completed',
      journal: [
        'task.submitted',
        'task.assigned',
        'task.interrupted',
        'task.assigned',
        'task.lateResult',
        'task.completed',
      ],
    });
  });

  it('lets a task that ends before the deadline be completed while the daemon goes away [TASK-25]', async () => {
    const daemon = await startTestDaemon({ config: { drain: { deadlineMs: 10_000 } } });
    const worker = await RpcClient.connect(daemon.url, daemon.adminKey);
    const card = { name: 'x', version: '1.0.0', skills: [{ id: 'work' }] };
    await worker.call('agent.register', { agentId: 'one', card });
    await worker.call('task.open', { agentId: 'one' });
    const frames = [await worker.call('task.submit', { to: { skill: 'work' }, input: 1 }), await worker.next()];
    const assign = frames.find((frame) => (frame as { method?: string }).method === 'task.assign') as {
      id: number;
      params: { task: { taskId: string } };
    };
    worker.ws.send(JSON.stringify({ jsonrpc: '2.0', id: assign.id, result: null }));
    daemon.child.kill('SIGTERM');
    const told = (await worker.next()) as { method: string };
    const { taskId } = assign.params.task;
    const refused = (await worker.call('task.submit', { to: { skill: 'work' }, input: 2 })) as {
      error: { data: { name: string } };
    };
    const done = (await worker.call('task.complete', { taskId, epoch: 1 })) as { result: { state: string } };
    const from = performance.now();
    const { code } = await daemon.ended;
    expect([
      told.method,
      refused.error.data.name,
      done.result.state,
      code,
      performance.now() - from < 8_000,
    ]).to.deep.equal(['daemon.goingAway', 'going_away', 'completed', 0, true]);
    await daemon.kill();
  });

  it('returns a message at the deadline, tells of it as interrupted, and delivers it again after the restart [F86]', async () => {
    const config = { drain: { deadlineMs: 1_000 } };
    const first = await startTestDaemon({ config });
    const { dataDir, adminKey: token } = first;
    const client = await connect({ url: first.url, token });
    const worker = WorkerProcess.start(first.url, token, 'one');
    await until(async () => (await client.call('agent.list', { skill: 'work' })).entries.length > 0);
    // Its only attempt: what the daemon interrupts itself is not counted.
    const { messageId } = await client.call('message.send', { to: { agent: 'one' }, payload: 'never', maxAttempts: 1 });
    await until(() => worker.messages.length > 0);
    await client.close();
    const from = performance.now();
    first.child.kill('SIGTERM');
    const { code } = await first.ended;
    const tookMs = performance.now() - from;
    await worker.kill();

    const second = await startTestDaemon({ config, dataDir });
    const again = await connect({ url: second.url, token });
    const between = await again.call('message.receipt', { messageId });
    const next = WorkerProcess.start(second.url, token, 'one');
    await until(() => next.messages.length > 0);
    const { entries } = await again.call('journal.read', { resource: `message/${messageId}` });
    await again.close();
    await next.kill();
    await second.stop();
    expect({
      code,
      waited: tookMs >= 900 && tookMs < 10_000,
      between: [between.state, between.attempts],
      next: next.messages.map((given) => [given.messageId === messageId, given.attempt]),
      journal: entries.map(({ action, details }) => [action, (details as { reason?: string }).reason]),
    }).to.deep.equal({
      code: 0,
      waited: true,
      between: ['pending', 1],
      next: [[true, 2]],
      journal: [
        ['message.accepted', undefined],
        ['message.attemptFailed', 'interrupted'],
      ],
    });
  });

  it('waits for a message that is settled before the deadline, whose ack is taken while it goes away [MSG-28]', async () => {
    const daemon = await startTestDaemon({ config: { drain: { deadlineMs: 10_000 } } });
    const agent = await RawConnection.open(daemon.url, daemon.adminKey);
    await agent.result('agent.register', { agentId: 'one', card: { name: 'x', version: '1.0.0', skills: [] } });
    await agent.result('inbox.open', { agentId: 'one' });
    const { messageId } = await agent.result('message.send', { to: { agent: 'one' }, payload: 1 });
    await until(() => agent.received.some(({ method }) => method === 'message.handle'));
    daemon.child.kill('SIGTERM');
    await until(() => agent.received.some(({ method }) => method === 'daemon.goingAway'));
    const refused = await agent.failure('message.send', { to: { agent: 'one' }, payload: 2 });
    const handled = agent.received.find(({ method }) => method === 'message.handle')?.params as {
      message: { deliveryId: string };
    };
    const { outcome } = await agent.result('message.ack', { messageId, deliveryId: handled.message.deliveryId });
    const from = performance.now();
    const { code } = await daemon.ended;
    expect([refused.name, outcome, code, performance.now() - from < 8_000]).to.deep.equal([
      'going_away',
      'handled',
      0,
      true,
    ]);
    await daemon.kill();
  });
});
