import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { givenTo, lastGiven, TaskWorld } from './task-world.js';

describe('task.cancel', () => {
  it('reaches who works on it, and frees the place [TASK-17]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { window: 1 });
    const { taskId } = await world.submit();
    const next = await world.submit();
    const status = await world.core.handlers.taskCancel({ taskId, reason: 'no more' }, callBy(world.asker));
    const beat = await world.core.handlers.taskHeartbeat({ taskId, epoch: 1 }, callBy(worker));
    const late = await failure(() => world.complete({ taskId, epoch: 1 }, worker));
    const again = await world.core.handlers.taskCancel({ taskId }, callBy(world.asker));
    expect({
      status: status.state,
      call: givenTo(worker)[0]?.call.canceled,
      told: worker.notifications.map(({ method, params }) => [method, params]),
      beat,
      late: late.name,
      again: again.state,
      next: lastGiven(worker).taskId === next.taskId,
    }).to.deep.equal({
      status: 'canceled',
      call: 'no more',
      told: [['task.canceled', { taskId, epoch: 1, reason: 'no more' }]],
      beat: { cancelRequested: true, inputs: [] },
      late: 'stale_attempt',
      again: 'canceled',
      next: true,
    });
    await world.core.stop();
  });

  it('takes a task that waits out of its queue, also one that is delayed or only on disk [TASK-17]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { window: 1 });
    const failed = await world.submit({ retry: { backoffMs: 60_000 } });
    const error = { name: 'x', message: '' };
    await world.core.handlers.taskFail({ taskId: failed.taskId, epoch: 1, error }, callBy(worker));
    const held = await world.submit();
    const ids: string[] = [failed.taskId];
    for (let i = 0; i < 300; i++) ids.push((await world.submit()).taskId);
    for (const taskId of [ids[0], ids[1], ids[300]]) {
      await world.core.handlers.taskCancel({ taskId: taskId ?? '' }, callBy(world.asker));
    }
    expect(await Promise.all([ids[0], ids[1], ids[300]].map((id) => world.state(id ?? '')))).to.deep.equal([
      'canceled #1',
      'canceled #0',
      'canceled #0',
    ]);
    await world.complete({ taskId: held.taskId, epoch: 1 }, worker);
    expect(lastGiven(worker).taskId).to.equal(ids[2]);
    await world.core.stop();
  });

  it('is refused where there is an outcome already, and to who did not submit it [TASK-17]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const notMine = await failure(() => world.core.handlers.taskCancel({ taskId }, callBy(worker)));
    await world.complete({ taskId, epoch: 1 }, worker);
    const refused = await failure(() => world.core.handlers.taskCancel({ taskId }, callBy(world.asker)));
    expect([notMine.name, refused]).to.deep.equal([
      'task_not_found',
      { name: 'task_state', from: 'completed', to: 'canceled', allowed: [] },
    ]);
    await world.core.stop();
  });

  it('ends sub-tasks of all depths, in their queue or with their worker [TASK-18]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { window: 3 });
    const root = await world.submit();
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    const grandchild = await world.submit({ by: worker, parentTaskId: child.taskId, parentEpoch: 1 });
    const waiting = await world.submit({ by: worker, parentTaskId: grandchild.taskId });
    const another = await world.submit({ by: worker, parentTaskId: child.taskId });
    await world.core.handlers.taskCancel({ taskId: root.taskId }, callBy(world.asker));
    await world.rest();
    const all = [root, child, grandchild, waiting, another];
    const records = await Promise.all(all.map(({ taskId }) => world.get(taskId)));
    expect(records.map(({ task }) => task.state)).to.deep.equal(all.map(() => 'canceled'));
    expect((await world.store.range({ from: 'tasks/cascade/', to: 'tasks/cascade0' })).entries).to.deep.equal([]);
    await world.core.stop();
  });

  it('leaves its sub-tasks alone when it is told to [TASK-18]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const root = await world.submit();
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    await world.core.handlers.taskCancel({ taskId: root.taskId, cascade: false }, callBy(world.asker));
    await world.rest();
    const between = await Promise.all([root, child].map(({ taskId }) => world.state(taskId)));
    const next = await world.restart('stop');
    const again = await next.worker('w');
    await next.rest();
    const done = await next.complete(lastGiven(again), again);
    expect({ between, done: [done.taskId === child.taskId, done.state] }).to.deep.equal({
      between: ['canceled #1', 'working #1'],
      done: [true, 'completed'],
    });
    await next.core.stop();
  });

  it('ends its sub-tasks after all when it is canceled again, and told to [TASK-18]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const root = await world.submit();
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    const states: string[] = [];
    for (const cascade of [false, true]) {
      await world.core.handlers.taskCancel({ taskId: root.taskId, cascade }, callBy(world.asker));
      await world.rest();
      states.push(await world.state(child.taskId));
    }
    expect(states).to.deep.equal(['working #1', 'canceled #1']);
    await world.core.stop();
  });
});

describe('a sub-task', () => {
  it('carries where it comes from: parent, root, depth, context, trace [TASK-19]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await world.context('talk');
    const root = await world.submit({ contextId: 'talk', traceparent });
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    const { task } = await world.get(child.taskId);
    const parent = (await world.get(root.taskId)).task;
    expect([
      task.parentTaskId,
      task.rootTaskId,
      task.depth,
      task.contextId,
      task.traceId,
      parent.children,
    ]).to.deep.equal([root.taskId, root.taskId, 1, 'talk', 'a'.repeat(32), 1]);
    const children = await world.core.handlers.taskList({ parentTaskId: root.taskId }, callBy(world.asker));
    const inContext = await world.core.handlers.taskList({ contextId: 'talk' }, callBy(world.asker));
    expect([children.entries.length, inContext.entries.length]).to.deep.equal([1, 2]);
    await world.core.stop();
  });

  it('is refused past the limit of depth, with the chain [TASK-19]', async () => {
    const world = await TaskWorld.start({ limits: { depth: 3 } });
    const worker = await world.worker('w');
    const root = await world.submit();
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    const grandchild = await world.submit({ by: worker, parentTaskId: child.taskId });
    const refused = await failure(() => world.submit({ by: worker, parentTaskId: grandchild.taskId }));
    expect(refused).to.deep.equal({
      name: 'hop_limit',
      chain: [root, child, grandchild].map(({ taskId }) => `${taskId} (w)`),
    });
    await world.core.stop();
  });

  it('is refused past the fan-out of its parent and of the tree, also when many come at once [TASK-19]', async () => {
    const world = await TaskWorld.start({ limits: { tree: 5 } });
    const worker = await world.worker('w');
    const root = await world.submit({ fanOut: 3 });
    const attempts = await Promise.all(
      Array.from({ length: 6 }, () =>
        failure(() => world.submit({ by: worker, parentTaskId: root.taskId })).catch(() => ({ name: 'accepted' })),
      ),
    );
    const names = attempts.map(({ name }) => name);
    expect(names.filter((name) => name === 'accepted').length).to.equal(3);
    expect(names.filter((name) => name === 'fan_out_limit').length).to.equal(3);
    const [child] = givenTo(worker).slice(1);
    const deeper: string[] = [];
    for (let i = 0; i < 3; i++) {
      const parentTaskId = child?.taskId ?? '';
      const outcome = await failure(() => world.submit({ by: worker, parentTaskId })).catch(() => ({
        name: 'accepted',
      }));
      deeper.push(outcome.name);
    }
    expect(deeper).to.deep.equal(['accepted', 'accepted', 'fan_out_limit']);
    await world.core.stop();
  });

  it('comes only of a task that its submitter works on, under the epoch that it names [TASK-19]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const other = await world.worker('other', { skills: ['else'] });
    const root = await world.submit();
    const names = [
      await failure(() => world.submit({ by: other, parentTaskId: root.taskId })),
      await failure(() => world.submit({ by: worker, parentTaskId: root.taskId, parentEpoch: 2 })),
    ].map(({ name }) => name);
    await world.complete({ taskId: root.taskId, epoch: 1 }, worker);
    names.push((await failure(() => world.submit({ by: worker, parentTaskId: root.taskId }))).name);
    expect(names).to.deep.equal(['task_not_found', 'stale_attempt', 'task_state']);
    await world.core.stop();
  });
});

describe('the budget of a task', () => {
  it('is reserved for its sub-tasks, and what they leave comes back [TASK-20]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const root = await world.submit({ budget: { spend: 10 } });
    const child = await world.submit({ by: worker, parentTaskId: root.taskId, budget: { spend: 6 } });
    const tooMuch = await failure(() => world.submit({ by: worker, parentTaskId: root.taskId, budget: { spend: 5 } }));
    const reserved = (await world.get(root.taskId)).task.budget;
    await world.core.handlers.taskProgress({ taskId: child.taskId, epoch: 1, spend: 2 }, callBy(worker));
    await world.complete({ taskId: child.taskId, epoch: 1 }, worker);
    const { task } = await world.get(root.taskId);
    expect({ tooMuch, reserved, after: [task.budget, task.spent] }).to.deep.equal({
      tooMuch: { name: 'budget_exceeded', left: 4, wanted: 5, resource: `task/${root.taskId}` },
      reserved: { spend: 10, reserved: 6 },
      after: [{ spend: 10, reserved: 0 }, 2],
    });
    await world.core.stop();
  });

  it('ends a sub-task that spends more than its own, also while the task above it changes [TASK-20]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const root = await world.submit({ budget: { spend: 10 } });
    const child = await world.submit({ by: worker, parentTaskId: root.taskId, budget: { spend: 5 } });
    const progress = (taskId: string, spend?: number) =>
      world.core.handlers.taskProgress({ taskId, epoch: 1, ...(spend === undefined ? {} : { spend }) }, callBy(worker));
    const above = Array.from({ length: 10 }, () => progress(root.taskId));
    const over = await failure(() => progress(child.taskId, 7));
    await Promise.all(above);
    const { task } = await world.get(root.taskId);
    expect([over.name, await world.state(child.taskId), task.budget, task.spent]).to.deep.equal([
      'budget_exceeded',
      'failed #1',
      { spend: 10, reserved: 0 },
      7,
    ]);
    await world.core.stop();
  });

  it('is drawn on by sub-tasks that have none of their own [TASK-20]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const root = await world.submit({ budget: { spend: 10 } });
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    const grandchild = await world.submit({ by: worker, parentTaskId: child.taskId });
    await world.core.handlers.taskProgress({ taskId: grandchild.taskId, epoch: 1, spend: 4 }, callBy(worker));
    await world.core.handlers.taskProgress({ taskId: grandchild.taskId, epoch: 1, spend: 7 }, callBy(worker));
    const spent = (await world.get(root.taskId)).task.spent;
    const over = await failure(() =>
      world.core.handlers.taskProgress({ taskId: child.taskId, epoch: 1, spend: 4 }, callBy(worker)),
    );
    await world.rest();
    const states = await Promise.all([root, child, grandchild].map(({ taskId }) => world.state(taskId)));
    expect([spent, over.name, states]).to.deep.equal([
      7,
      'budget_exceeded',
      ['working #1', 'failed #1', 'canceled #1'],
    ]);
    await world.core.stop();
  });
});
