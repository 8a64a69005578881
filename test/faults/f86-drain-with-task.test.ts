import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { RpcClient } from '../support/rpc-client.js';
import { until, WorkerProcess } from '../support/worker-process.js';

describe('F86: a stop while a task is worked on that never ends', () => {
  it('returns its lease at the deadline, shows it as interrupted, and goes on with it after the restart [F86]', async () => {
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
});
