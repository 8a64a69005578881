import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';
import { lastGiven, TaskWorld } from './task-world.js';

async function respond(world: TaskWorld, taskId: string, inputId: string, payload: unknown) {
  return world.core.handlers.taskRespond({ taskId, inputId }, callBy(world.asker, 'task.respond', payload));
}

/** The inputs that a connection was told. */
function told(session: MemorySession): unknown[] {
  return session.notifications.filter(({ method }) => method === 'task.input').map(({ params }) => params);
}

describe('task.needInput', () => {
  it('asks once when it is called again with its idempotency key [TASK-23]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const params = { taskId, epoch: 1, kind: 'input', prompt: 'Which?', idempotencyKey: 'once' } as const;
    const need = () => world.core.handlers.taskNeedInput(params, callBy(worker, 'task.needInput'));
    const [first, again] = [await need(), await need()];
    const { inputs } = (await world.get(taskId)).task;
    expect([again, inputs?.map(({ inputId }) => inputId)]).to.deep.equal([first, [first.inputId]]);
    await world.core.stop();
  });

  it('asks who wants the task done, and the answer goes to the worker [TASK-23]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const schema = { enum: ['EUR', 'USD'] };
    const need = (kind: 'input' | 'auth', prompt: string) =>
      world.core.handlers.taskNeedInput({ taskId, epoch: 1, kind, prompt, schema }, callBy(worker));
    const first = await need('input', 'Which currency?');
    const second = await need('auth', 'May I?');
    const asked = (await world.get(taskId)).task;
    const wrong = await failure(() => respond(world, taskId, second.inputId, 'GBP'));
    const half = await respond(world, taskId, second.inputId, 'USD');
    const whole = await respond(world, taskId, first.inputId, 'EUR');
    const again = await failure(() => respond(world, taskId, first.inputId, 'EUR'));
    const notMine = await failure(() =>
      world.core.handlers.taskRespond({ taskId, inputId: first.inputId }, callBy(worker, 'task.respond', 'EUR')),
    );
    const beat = await world.core.handlers.taskHeartbeat({ taskId, epoch: 1 }, callBy(worker));
    expect({
      asked: [asked.state, asked.inputs?.map(({ kind, prompt }) => [kind, prompt])],
      wrong,
      states: [half.state, whole.state],
      refused: [again.name, notMine.name],
      told: told(worker),
      beat: beat.inputs.toSorted((a, b) => (a.inputId < b.inputId ? -1 : 1)),
    }).to.deep.equal({
      asked: [
        'auth-required',
        [
          ['input', 'Which currency?'],
          ['auth', 'May I?'],
        ],
      ],
      wrong: {
        name: 'invalid_params',
        issues: [{ path: '/payload', message: 'must be equal to one of the allowed values' }],
      },
      states: ['input-required', 'working'],
      refused: ['not_found', 'task_not_found'],
      told: [
        { taskId, epoch: 1, inputId: second.inputId, payload: 'USD' },
        { taskId, epoch: 1, inputId: first.inputId, payload: 'EUR' },
      ],
      beat: [
        { inputId: first.inputId, payload: 'EUR' },
        { inputId: second.inputId, payload: 'USD' },
      ],
    });
    expect((await world.complete(lastGiven(worker), worker)).state).to.equal('completed');
    await world.core.stop();
  });

  it('lets the running time stand still, and no answer be lost with a connection [TASK-23]', async () => {
    const world = await TaskWorld.start();
    const first = await world.worker('w');
    const { taskId } = await world.submit({ limits: { runningMs: 2000 } });
    await world.pass(1000);
    const params = { taskId, epoch: 1, kind: 'input', prompt: '?' } as const;
    const { inputId } = await world.core.handlers.taskNeedInput(params, callBy(first));
    await world.pass(10_000);
    first.close();
    await respond(world, taskId, inputId, { yes: true });
    const second = await world.worker('w');
    const beat = await world.core.handlers.taskHeartbeat({ taskId, epoch: 1 }, callBy(second));
    const alive = await world.state(taskId);
    await world.pass(1500);
    const { task } = await world.get(taskId);
    expect([beat.inputs, alive, task.state, task.error?.name]).to.deep.equal([
      [{ inputId, payload: { yes: true } }],
      'working #1',
      'submitted',
      'deadline_exceeded',
    ]);
    await world.core.stop();
  });

  it('asks for a bounded number of inputs, of bounded size, with schemas that are some [TASK-23]', async () => {
    const world = await TaskWorld.start({ limits: { inputs: 1, promptBytes: 200 } });
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const need = (params: { prompt: unknown; schema?: unknown }) =>
      failure(() =>
        world.core.handlers.taskNeedInput({ taskId, epoch: 1, kind: 'input', ...params }, callBy(worker)),
      ).catch(() => ({ name: 'asked' }));
    const names = [
      await need({ prompt: 'x'.repeat(200) }),
      await need({ prompt: '', schema: { type: 'strange' } }),
      await need({ prompt: '' }),
      await need({ prompt: '' }),
    ].map(({ name }) => name);
    expect(names).to.deep.equal(['limit_exceeded', 'invalid_params', 'asked', 'limit_exceeded']);
    await world.core.stop();
  });
});
