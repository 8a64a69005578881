import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { until, WorkerProcess } from '../support/worker-process.js';

const limits = { tasks: { graceMs: 300, backoffMs: 50, sweepMs: 50 }, messages: { backoffMs: 50 } };

describe('F34: a worker that dies in the middle of a task', () => {
  it('has it go to another with attempt + 1, up to the limit, then to the dead letters; late results are refused [F34]', async () => {
    const daemon = await startTestDaemon({ config: { limits } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const workers: WorkerProcess[] = [];
    const nextWorker = async (agentId: string): Promise<WorkerProcess> => {
      const worker = WorkerProcess.start(daemon.url, daemon.adminKey, agentId);
      workers.push(worker);
      await until(() => worker.given.length > 0);
      return worker;
    };
    try {
      await client.call('agent.register', {
        agentId: 'one',
        card: { name: 'x', version: '1.0.0', skills: [{ id: 'work' }] },
      });
      const retry = { maxAttempts: 3 };
      const { taskId } = await client.call('task.submit', { to: { skill: 'work' }, input: 'never', retry });
      const attempts: unknown[] = [];
      for (const agentId of ['one', 'two', 'one']) {
        const worker = await nextWorker(agentId);
        const [given] = worker.given;
        attempts.push([agentId, given?.taskId === taskId, given?.attempt, given?.epoch]);
        await worker.kill();
      }
      await until(async () => (await client.call('task.get', { taskId })).task.state === 'failed');
      const late = await client.call('task.complete', { taskId, epoch: 1, output: 'late' }).catch((e: unknown) => e);
      const { task } = await client.call('task.get', { taskId });
      const { entries: letters } = await client.call('deadLetter.list', {});
      const { entries } = await client.call('journal.read', { resource: `task/${taskId}` });
      expect({
        attempts,
        error: task.error?.name,
        letters: letters.map(({ id }) => id === taskId),
        late: (late as { errorName: string }).errorName,
        journal: entries.map(({ action }) => action),
      }).to.deep.equal({
        attempts: [
          ['one', true, 1, 1],
          ['two', true, 2, 2],
          ['one', true, 3, 3],
        ],
        error: 'worker_lost',
        letters: [true],
        late: 'stale_attempt',
        journal: [
          'task.submitted',
          'task.assigned',
          'task.attemptFailed',
          'task.assigned',
          'task.attemptFailed',
          'task.assigned',
          'task.failed',
          'task.lateResult',
        ],
      });
    } finally {
      for (const worker of workers) await worker.kill();
      await client.close();
      await daemon.stop();
    }
  });

  it('has its message come again with attempt + 1, up to the limit, then to the dead letters; late words are refused [F34]', async () => {
    const daemon = await startTestDaemon({ config: { limits } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const workers: WorkerProcess[] = [];
    try {
      await client.call('agent.register', { agentId: 'one', card: { name: 'x', version: '1.0.0', skills: [] } });
      const { messageId } = await client.call('message.send', {
        to: { agent: 'one' },
        payload: 'never',
        maxAttempts: 3,
      });
      const attempts: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const worker = WorkerProcess.start(daemon.url, daemon.adminKey, 'one');
        workers.push(worker);
        await until(() => worker.messages.length > 0);
        attempts.push(worker.messages[0]?.attempt);
        await worker.kill();
      }
      const receiptOf = () => client.call('message.receipt', { messageId });
      await until(async () => (await receiptOf()).state === 'settled');
      const deliveryId = workers[0]?.messages[0]?.deliveryId ?? '';
      const late = await client.call('message.ack', { messageId, deliveryId }).catch((error: unknown) => error);
      const { outcome, attempts: counted } = await receiptOf();
      const { entries: letters } = await client.call('deadLetter.list', {});
      const { entries } = await client.call('journal.read', { resource: `message/${messageId}` });
      expect({
        attempts,
        receipt: [outcome, counted],
        late: (late as { errorName: string }).errorName,
        letters: letters.map(({ id }) => id === messageId),
        journal: entries.map(({ action, details }) => [action, (details as { reason?: string }).reason]),
      }).to.deep.equal({
        attempts: [1, 2, 3],
        receipt: ['deadLettered', 3],
        late: 'stale_attempt',
        letters: [true],
        journal: [
          ['message.accepted', undefined],
          ['message.attemptFailed', 'connection'],
          ['message.attemptFailed', 'connection'],
          ['message.settled', 'connection'],
        ],
      });
    } finally {
      for (const worker of workers) await worker.kill();
      await client.close();
      await daemon.stop();
    }
  });
});
