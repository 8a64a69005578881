import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { until, WorkerProcess } from '../support/worker-process.js';

const limits = { tasks: { graceMs: 300, backoffMs: 50, sweepMs: 50 } };
const BEHIND = 40;

describe('F35: a task that crashes every worker', () => {
  it('ends as a dead letter with an alarm after its attempts, and the queue behind it flows [F35]', async () => {
    const daemon = await startTestDaemon({ config: { limits } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    let running = true;
    let starts = 0;
    let worker: WorkerProcess | undefined;
    // Whoever runs the worker starts it again whenever it crashes.
    const supervised = (async () => {
      while (running) {
        starts++;
        worker = WorkerProcess.start(daemon.url, daemon.adminKey, 'one');
        await worker.ended;
      }
    })();
    try {
      await until(async () => (await client.call('agent.list', { skill: 'work' })).entries.length > 0);
      const submit = (input: string) =>
        client.call('task.submit', { to: { skill: 'work' }, input, retry: { maxAttempts: 3 } });
      const before = await Promise.all(Array.from({ length: 4 }, () => submit('ok')));
      const poison = await submit('crash');
      const behind = await Promise.all(Array.from({ length: BEHIND }, () => submit('ok')));
      const stateOf = async ({ taskId }: { taskId: string }) => (await client.call('task.get', { taskId })).task;
      await until(async () => (await stateOf(poison)).state === 'failed');
      await until(async () =>
        (await Promise.all([...before, ...behind].map(stateOf))).every(({ state }) => state === 'completed'),
      );
      const { attempt, error } = await stateOf(poison);
      const alarm = await daemon.logged(({ message }) => message?.includes('dead letter') === true);
      const metrics = await (
        await fetch(`${daemon.httpUrl}/metrics`, { headers: { authorization: `Bearer ${daemon.adminKey}` } })
      ).text();
      const attempts = await Promise.all([...before, ...behind].map(async (task) => (await stateOf(task)).attempt));
      expect({
        poison: [attempt, error?.name],
        alarm: alarm.taskId,
        metric: /^orchestrator_task_dead_letters_total 1$/m.test(metrics),
        starts,
        othersLostOneAtMost: Math.max(...attempts) <= 2,
      }).to.deep.equal({
        poison: [3, 'worker_lost'],
        alarm: poison.taskId,
        metric: true,
        starts: 4,
        othersLostOneAtMost: true,
      });
    } finally {
      running = false;
      await worker?.kill();
      await supervised;
      await client.close();
      await daemon.stop();
    }
  });
});
