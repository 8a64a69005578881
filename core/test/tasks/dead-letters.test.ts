import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { lastGiven, TaskWorld } from './task-world.js';

const once = { retry: { maxAttempts: 1 } };

/** A task of the asker whose only attempt failed. */
async function deadTask(world: TaskWorld, worker: Awaited<ReturnType<TaskWorld['worker']>>, input: unknown) {
  const { taskId } = await world.submit({ ...once, input, title: 'Add up', labels: { of: 'sums' } });
  const error = { name: 'bad_luck', message: 'again' };
  await world.core.handlers.taskFail({ taskId, epoch: lastGiven(worker).epoch, error }, callBy(worker));
  return taskId;
}

describe('dead letters', () => {
  it('are also the tasks whose attempts are used up, with their input [TASK-26]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { handlers } = world.core;
    const operator = callBy(world.core.connect('operator', 'operator'));
    const first = await deadTask(world, worker, { a: 1 });
    const second = await deadTask(world, worker, { a: 2 });
    const page = await handlers.deadLetterList({ agentId: 'w', limit: 1 }, operator);
    const next = await handlers.deadLetterList({ agentId: 'w', cursor: page.cursor ?? '' }, operator);
    const letter = (id: string) => ({
      kind: 'task',
      id,
      agent: 'w',
      sender: 'asker',
      attempts: 1,
      error: 'bad_luck',
      at: '2026-01-01T00:00:00.000Z',
    });
    expect([page.entries, next]).to.deep.equal([[letter(first)], { entries: [letter(second)] }]);
    expect(await handlers.deadLetterShow({ id: second }, operator)).to.deep.equal({
      letter: letter(second),
      payload: { a: 2 },
    });
    await world.core.stop();
  });

  it('that are tasks are submitted once more as they were, or given up, once [TASK-26]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { handlers } = world.core;
    const operator = callBy(world.core.connect('operator', 'operator'), 'deadLetter.redeliver');
    const first = await deadTask(world, worker, { a: 1 });
    const again = { id: first, idempotencyKey: 'k' };
    const { id } = await handlers.deadLetterRedeliver(again, operator);
    expect(await handlers.deadLetterRedeliver(again, operator)).to.deep.equal({ id });
    await world.rest();
    const { task, input } = await world.get(id, ['input']);
    const { state, from, title, labels, causationId } = task;
    expect({ state, from, title, labels, causationId, input }).to.deep.equal({
      state: 'working',
      from: 'asker',
      title: 'Add up',
      labels: { of: 'sums' },
      causationId: first,
      input: { a: 1 },
    });
    const second = await deadTask(world, worker, { a: 2 });
    expect(await handlers.deadLetterDiscard({ id: second }, operator)).to.deep.equal({ done: true });
    for (const gone of [first, second]) {
      expect(await failure(() => handlers.deadLetterRedeliver({ id: gone }, operator))).to.include({
        name: 'not_found',
      });
    }
    expect(await handlers.deadLetterList({}, operator)).to.deep.equal({ entries: [] });
    expect(
      world.store
        .journal()
        .filter((line) => /^task\.(redelivered|discarded)/.test(line))
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(['task.redelivered', 'task.discarded']);
    await world.core.stop();
  });
});
