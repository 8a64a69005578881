import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { givenTo, lastGiven, TaskWorld } from './task-world.js';

const quick = { backoffMs: 100, backoffMaxMs: 1000, maxAttempts: 3 };

describe('an attempt', () => {
  it('that failed is followed by others with growing delay, then by a dead letter [TASK-11]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { taskId } = await world.submit({ retry: { backoffMs: 1000, backoffMaxMs: 10_000, maxAttempts: 3 } });
    const seen: string[] = [];
    for (const waitMs of [1000, 2000, 0]) {
      const { attempt, epoch } = lastGiven(worker);
      const error = { name: 'bad_luck', message: 'again' };
      await world.core.handlers.taskFail({ taskId, epoch, error }, callBy(worker));
      seen.push(`${String(attempt)} -> ${await world.state(taskId)}`);
      await world.pass(waitMs);
    }
    expect(seen).to.deep.equal(['1 -> submitted #1', '2 -> submitted #2', '3 -> failed #3']);
    expect(await world.store.get(`tasks/dead/${taskId}`)).to.have.nested.property('value.error', 'bad_luck');
    const events = world.store.journal().filter((line) => line.startsWith('task.') && line.endsWith('failure'));
    expect(events.map((line) => line.split(' ')[0])).to.deep.equal([
      'task.attemptFailed',
      'task.attemptFailed',
      'task.failed',
    ]);
    await world.core.stop();
  });

  it('is the last when its error is not to be retried: by itself, or by the policy of the task [TASK-11]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const states: string[] = [];
    for (const error of [
      { name: 'a', message: '', retryable: false },
      { name: 'b', message: '' },
    ]) {
      const { taskId } = await world.submit({ retry: { ...quick, doNotRetry: ['b'] } });
      await world.core.handlers.taskFail({ taskId, epoch: 1, error }, callBy(worker));
      states.push(await world.state(taskId));
    }
    expect(states).to.deep.equal(['failed #1', 'failed #1']);
    await world.core.stop();
  });

  it('is the last when the worker rejects the task [TASK-11]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    await world.core.handlers.taskReject({ taskId, epoch: 1, reason: 'not my work' }, callBy(worker));
    const { task } = await world.get(taskId);
    expect([task.state, task.reason]).to.deep.equal(['rejected', 'not my work']);
    await world.core.stop();
  });

  it('that cannot be sent is tried again after a while, not at once, and uses up none [TASK-29]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    worker.full = true;
    const { taskId } = await world.submit({ retry: { ...quick, maxAttempts: 1 } });
    for (let i = 0; i < 5; i++) await world.pass(1000);
    worker.full = false;
    await world.pass(1000);
    const { attempt, epoch } = lastGiven(worker);
    expect([await world.state(taskId), attempt]).to.deep.equal(['working #1', 1]);
    // About one try a second.
    expect(epoch).to.be.within(4, 8);
    await world.core.stop();
  });

  it('goes to another worker when the connection ended and nobody came back within the grace [TASK-12]', async () => {
    const world = await TaskWorld.start({ limits: { graceMs: 2000 } });
    const first = await world.worker('one');
    const { taskId } = await world.submit({ retry: quick });
    const second = await world.worker('two');
    first.close();
    await world.pass(1500);
    const within = await world.state(taskId);
    await world.pass(1500);
    const given = lastGiven(second);
    expect([within, given.taskId === taskId, given.attempt, given.epoch]).to.deep.equal(['working #1', true, 2, 2]);
    await world.core.stop();
  });

  it('goes on when its worker comes back on another connection within the grace [TASK-12]', async () => {
    const world = await TaskWorld.start({ limits: { graceMs: 2000 } });
    const first = await world.worker('w');
    const { taskId, epoch } = await world.submit();
    first.close();
    await world.pass(1500);
    const second = await world.worker('w');
    const beat = await world.core.handlers.taskHeartbeat({ taskId, epoch }, callBy(second));
    await world.pass(60_000);
    expect([beat.cancelRequested, await world.state(taskId), givenTo(second).length]).to.deep.equal([
      false,
      'working #1',
      0,
    ]);
    expect((await world.complete({ taskId, epoch }, second)).state).to.equal('completed');
    await world.core.stop();
  });

  it('lives as long as its connection, or as its heartbeats where the task wants some [TASK-13]', async () => {
    const world = await TaskWorld.start({ limits: { leaseMs: 1000 } });
    const worker = await world.worker('w');
    const plain = await world.submit();
    const beating = await world.submit({ limits: { heartbeatMs: 1000 }, retry: quick });
    for (let i = 0; i < 5; i++) {
      await world.pass(750);
      await world.core.handlers.taskProgress({ taskId: beating.taskId, epoch: 1, progress: i / 5 }, callBy(worker));
    }
    const alive = [await world.state(plain.taskId), await world.state(beating.taskId)];
    await world.pass(1250);
    const { task } = await world.get(beating.taskId);
    expect([alive, await world.state(plain.taskId), task.state, task.error?.name]).to.deep.equal([
      ['working #1', 'working #1'],
      'working #1',
      'submitted',
      'lease_expired',
    ]);
    const told = worker.notifications.filter(({ method }) => method === 'task.canceled').map(({ params }) => params);
    expect(told).to.deep.equal([
      { taskId: beating.taskId, epoch: 1, reason: 'nothing was heard of the task within its lease' },
    ]);
    await world.core.stop();
  });

  it('ends with its running time, a task with its queued or its total time [TASK-13]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { window: 2 });
    const running = await world.submit({ limits: { runningMs: 1000 }, retry: { ...quick, maxAttempts: 1 } });
    const total = await world.submit({ limits: { totalMs: 2000 } });
    const queued = await world.submit({ limits: { queuedMs: 500 }, to: { agent: 'w' } });
    await world.pass(2500);
    const errors = await Promise.all(
      [running, total, queued].map(async ({ taskId }) => {
        const { task } = await world.get(taskId);
        return `${task.state} #${String(task.attempt)}: ${task.error?.message ?? ''}`;
      }),
    );
    expect(errors).to.deep.equal([
      'failed #1: the attempt took longer than limits.runningMs',
      'failed #1: it took longer than limits.totalMs',
      'failed #0: it waited longer than limits.queuedMs',
    ]);
    expect(givenTo(worker).map(({ call }) => call.canceled !== undefined)).to.deep.equal([true, true]);
    await world.core.stop();
  });

  it('that is over has its result refused while the task is on its way again, which disturbs no other [TASK-14]', async () => {
    const seen: unknown[] = [];
    for (const order of ['late first', 'late last']) {
      const world = await TaskWorld.start();
      const worker = await world.worker('w', { window: 1 });
      const { taskId } = await world.submit({ retry: quick });
      await world.submit();
      const error = { name: 'bad_luck', message: 'again' };
      await world.core.handlers.taskFail({ taskId, epoch: 1, error }, callBy(worker));
      await world.pass(1_000);
      // The first task is due, and comes with the end of the second.
      const complete = () => world.complete(lastGiven(worker), worker).then(({ state }) => state);
      const late = () => failure(() => world.complete({ taskId, epoch: 1 }, worker)).then(({ name }) => name);
      const said = await Promise.all(order === 'late first' ? [late(), complete()] : [complete(), late()]);
      await world.pass(1_000);
      seen.push([...said, await world.state(taskId)]);
      await world.core.stop();
    }
    expect(seen).to.deep.equal([
      ['stale_attempt', 'completed', 'working #2'],
      ['completed', 'stale_attempt', 'working #2'],
    ]);
  });

  it('that is over has its result refused as stale, and kept [TASK-14]', async () => {
    const world = await TaskWorld.start({ limits: { graceMs: 500 } });
    const first = await world.worker('one');
    const { taskId } = await world.submit({ retry: quick });
    const second = await world.worker('two');
    first.close();
    await world.pass(1500);
    const again = world.core.connect('owner-of-one');
    const late = await failure(() => world.complete({ taskId, epoch: 1 }, again, 'too late'));
    await world.complete(lastGiven(second), second, 'in time');
    const later = await failure(() => world.complete({ taskId, epoch: 2 }, second, 'twice'));
    const { output } = await world.get(taskId, ['result']);
    expect({ late, later, output }).to.deep.equal({
      late: { name: 'stale_attempt', resource: `task/${taskId}`, epoch: 2, attempt: 2, state: 'working' },
      later: { name: 'stale_attempt', resource: `task/${taskId}`, epoch: 2, attempt: 2, state: 'completed' },
      output: 'in time',
    });
    const kept = await world.store.range({ from: `tasks/late/${taskId}/`, to: `tasks/late/${taskId}0` });
    expect(kept.entries.map(({ value }) => value)).to.deep.equal([
      { epoch: 1, kind: 'complete', content: 'too late' },
      { epoch: 2, kind: 'complete', content: 'twice' },
    ]);
    expect(world.store.journal().filter((line) => line.startsWith('task.lateResult')).length).to.equal(2);
    await world.core.stop();
  });

  it('of a poison task takes others down once, then only itself; the queue behind it flows [TASK-15]', async () => {
    const world = await TaskWorld.start({ limits: { graceMs: 250, backoffMs: 1 } });
    let worker = await world.worker('w', { window: 8 });
    const poison = await world.submit({ input: 'poison', retry: { ...quick, maxAttempts: 3 } });
    const innocent: string[] = [];
    for (let i = 0; i < 20; i++) innocent.push((await world.submit({ retry: { ...quick, maxAttempts: 2 } })).taskId);
    let crashes = 0;
    let done = 0;
    for (let round = 0; round < 400 && done < 20; round++) {
      await world.pass(250);
      const mine = givenTo(worker).filter(({ call }) => call.canceled === undefined);
      if (mine.some(({ input, taskId }) => input === 'poison' && taskId === poison.taskId)) {
        crashes++;
        worker.close();
        await world.pass(500);
        worker = await world.worker('w', { window: 8 });
        continue;
      }
      for (const given of mine) given.call.answer({ result: { output: 'ok' } });
      await world.rest();
      const states = await Promise.all(innocent.map((taskId) => world.state(taskId)));
      done = states.filter((state) => state.startsWith('completed')).length;
    }
    const { task } = await world.get(poison.taskId);
    expect([crashes, done, task.state, task.attempt, task.error?.name]).to.deep.equal([
      3,
      20,
      'failed',
      3,
      'worker_lost',
    ]);
    await world.core.stop();
  });
});

describe('a stop of the daemon', () => {
  it('returns leases in order: the task is interrupted, and goes on with the same attempt [TASK-16]', async () => {
    const world = await TaskWorld.start();
    await world.worker('w');
    const { taskId } = await world.submit();
    const next = await world.restart('stop');
    const between = (await next.get(taskId)).task;
    const worker = await next.worker('w');
    await next.rest();
    const given = lastGiven(worker);
    const stale = await failure(() => next.complete({ taskId, epoch: 1 }, worker));
    expect({
      between: [between.state, between.interrupted],
      given: [given.taskId === taskId, given.attempt, given.epoch],
      stale: stale.name,
      done: (await next.complete(given, worker)).state,
    }).to.deep.equal({
      between: ['submitted', true],
      given: [true, 1, 2],
      stale: 'stale_attempt',
      done: 'completed',
    });
    await next.core.stop();
  });

  it('returns them all, however many draw on one budget [TASK-16]', async () => {
    const world = await TaskWorld.start({ limits: { waitingPerTask: 4 } });
    const worker = await world.worker('w');
    const root = await world.submit({ budget: { spend: 10 } });
    const parts = [];
    for (let i = 0; i < 8; i++) parts.push(await world.submit({ by: worker, parentTaskId: root.taskId }));
    await world.rest();
    const next = await world.restart('stop');
    const found = await Promise.all([root, ...parts].map(async ({ taskId }) => (await next.get(taskId)).task));
    expect(found.map(({ state, interrupted }) => `${state} ${String(interrupted)}`)).to.deep.equal(
      Array.from({ length: 9 }, () => 'submitted true'),
    );
    await next.core.stop();
  });

  it('without a word leaves workers the time of their lease to be heard of, then others get the task [TASK-16]', async () => {
    const world = await TaskWorld.start();
    await world.worker('w');
    const kept = await world.submit();
    const lost = await world.submit({ retry: quick });
    const next = await world.restart('kill', { leaseMs: 2000 });
    const again = await next.worker('w');
    const other = await next.worker('other');
    await next.core.handlers.taskHeartbeat({ taskId: kept.taskId, epoch: 1 }, callBy(again));
    await next.pass(4000);
    const given = [...givenTo(again), ...givenTo(other)].map(({ taskId, attempt }) => [taskId, attempt]);
    expect([await next.state(kept.taskId), given]).to.deep.equal(['working #1', [[lost.taskId, 2]]]);
    await next.core.stop();
  });
});

describe('tasks that wait for each other at one worker', () => {
  it('go on though one of them is to be worked on alone [TASK-28]', async () => {
    const world = await TaskWorld.start({ limits: { graceMs: 1_000, aloneMs: 2_000 } });
    const first = await world.worker('w');
    const parent = await world.submit({ retry: quick, input: 'parent' });
    const under = (parentTaskId: string, input: string, by = first) =>
      world.submit({ by, parentTaskId, input, retry: quick });
    const child = await under(parent.taskId, 'child');
    first.close();
    await world.rest();
    const second = await world.worker('w', { owner: 'owner-of-w' });
    // Its worker goes on with the parent, and never heard of the child.
    const alive = () => world.core.handlers.taskHeartbeat({ taskId: parent.taskId, epoch: 1 }, callBy(second));
    await alive();
    await world.pass(1_500);
    const lost = await world.state(child.taskId);
    const early = givenTo(second).length;
    await world.pass(2_500);
    const given = givenTo(second).map(({ input, attempt }) => [input, attempt]);
    // What the one that was lost needs from the same worker comes too.
    const grandchild = await under(child.taskId, 'grandchild', second);
    await world.pass(2_500);
    expect({ lost, early, given, last: await world.state(grandchild.taskId) }).to.deep.equal({
      lost: 'submitted #1',
      early: 0,
      given: [['child', 2]],
      last: 'working #1',
    });
    await world.core.stop();
  });

  it('go on though the one that has its worker for itself needs another of it [TASK-28]', async () => {
    const world = await TaskWorld.start({ limits: { graceMs: 1_000, aloneMs: 2_000 } });
    const first = await world.worker('w');
    const lost = await world.submit({ retry: quick });
    first.close();
    await world.pass(1_250);
    const second = await world.worker('w');
    await world.pass(1_000);
    const alone = givenTo(second).map(({ taskId, attempt }) => [taskId, attempt]);
    const child = await world.submit({ by: second, parentTaskId: lost.taskId, retry: quick });
    await world.rest();
    const before = await world.state(child.taskId);
    await world.pass(2_500);
    expect({ alone, before, after: await world.state(child.taskId) }).to.deep.equal({
      alone: [[lost.taskId, 2]],
      before: 'submitted #0',
      after: 'working #1',
    });
    await world.core.stop();
  });
});
