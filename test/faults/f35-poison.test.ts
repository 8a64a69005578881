import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { SupervisedWorker, until } from '../support/worker-process.js';

const limits = { tasks: { graceMs: 300, backoffMs: 50, sweepMs: 50 } };
const BEHIND = 40;

describe('F35: what crashes every worker', () => {
  it('ends, if a task, as a dead letter with an alarm after its attempts, and the queue behind it flows [F35]', async () => {
    const daemon = await startTestDaemon({ config: { limits } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const worker = new SupervisedWorker(daemon.url, daemon.adminKey, 'one');
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
        starts: worker.starts,
        othersLostOneAtMost: Math.max(...attempts) <= 2,
      }).to.deep.equal({
        poison: [3, 'worker_lost'],
        alarm: poison.taskId,
        metric: true,
        starts: 4,
        othersLostOneAtMost: true,
      });
    } finally {
      await worker.stop();
      await client.close();
      await daemon.stop();
    }
  });

  it('ends, if a message, as a dead letter with an alarm after its attempts, and the inbox behind it flows [F35]', async () => {
    const daemon = await startTestDaemon({ config: { limits } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const worker = new SupervisedWorker(daemon.url, daemon.adminKey, 'one');
    try {
      await until(async () => (await client.call('agent.list', { skill: 'work' })).entries.length > 0);
      // Others may lose one attempt; two are enough for all of them.
      const send = (payload: string, maxAttempts: number) =>
        client.call('message.send', { to: { agent: 'one' }, payload, maxAttempts });
      const before = await Promise.all(Array.from({ length: 4 }, () => send('ok', 2)));
      const poison = await send('crash', 3);
      const behind = await Promise.all(Array.from({ length: BEHIND }, () => send('ok', 2)));
      const receiptOf = ({ messageId }: { messageId: string }) => client.call('message.receipt', { messageId });
      const all = [...before, poison, ...behind];
      await until(async () => (await Promise.all(all.map(receiptOf))).every(({ state }) => state === 'settled'));
      const { outcome, attempts } = await receiptOf(poison);
      const alarm = await daemon.logged(({ message }) => message?.includes('dead letter') === true);
      const metrics = await (
        await fetch(`${daemon.httpUrl}/metrics`, { headers: { authorization: `Bearer ${daemon.adminKey}` } })
      ).text();
      const others = await Promise.all([...before, ...behind].map(async (sent) => (await receiptOf(sent)).outcome));
      expect({
        poison: [outcome, attempts],
        alarm: alarm.messageId,
        metric: /^orchestrator_messages_settled_total\{outcome="deadLettered"\} 1$/m.test(metrics),
        starts: worker.starts,
        others: [...new Set(others)],
      }).to.deep.equal({
        poison: ['deadLettered', 3],
        alarm: poison.messageId,
        metric: true,
        starts: 4,
        others: ['handled'],
      });
    } finally {
      await worker.stop();
      await client.close();
      await daemon.stop();
    }
  });
});
