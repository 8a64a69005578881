import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { MemoryStore } from '../support/memory-store.js';
import { givenTo, lastGiven, TaskWorld } from './task-world.js';

describe('a task', () => {
  it('is given to a worker with room in the commit that accepts it, and done in the next [TASK-03]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const before = world.store.commits;
    const submitted = await world.submit({ input: { n: 1 } });
    const given = lastGiven(worker);
    const accepted = world.store.commits - before;
    const done = await world.complete(given, worker, { n: 2 });
    const { task, input, output } = await world.get(submitted.taskId, ['input', 'result']);
    expect({
      submitted: [submitted.state, submitted.attempt, submitted.epoch, submitted.agent],
      given: [given.taskId === submitted.taskId, given.attempt, given.epoch, given.input],
      commits: [accepted, world.store.commits - before],
      done: done.state,
      record: [task.state, task.from, task.agent, task.startedAt !== undefined, task.endedAt !== undefined],
      content: [input, output],
    }).to.deep.equal({
      submitted: ['working', 1, 1, 'w'],
      given: [true, 1, 1, { n: 1 }],
      commits: [1, 2],
      done: 'completed',
      record: ['completed', 'asker', 'w', true, true],
      content: [{ n: 1 }, { n: 2 }],
    });
    expect(world.store.journal().filter((line) => line.startsWith('task.'))).to.deep.equal([
      `task.submitted task/${given.taskId} asker success`,
      `task.assigned task/${given.taskId} asker success`,
      `task.completed task/${given.taskId} owner-of-w success`,
    ]);
    await world.core.stop();
  });

  it('is done at once when the worker answers with its output, or fails with its error [TASK-04]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const states: string[] = [];
    const answers = [{ result: { output: 7 } }, { result: {} }, { result: 'nonsense' }];
    for (const answer of answers) {
      const { taskId } = await world.submit();
      lastGiven(worker).call.answer(answer);
      await world.rest();
      states.push(await world.state(taskId));
    }
    const { taskId } = await world.submit({ retry: { doNotRetry: ['no_luck'] } });
    lastGiven(worker).call.answer({ kind: 'error', code: 1, message: 'sorry', data: { name: 'no_luck' } });
    await world.rest();
    const { task } = await world.get(taskId);
    expect({ states, error: task.error, state: task.state }).to.deep.equal({
      states: ['completed #1', 'completed #1', 'failed #1'],
      error: { name: 'no_luck', message: 'sorry', data: { name: 'no_luck' } },
      state: 'failed',
    });
    await world.core.stop();
  });

  it('takes the answer of a worker though more changes of the task wait than may [TASK-04]', async () => {
    const world = await TaskWorld.start({ limits: { waitingPerTask: 2 } });
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const { call } = lastGiven(worker);
    const changes = Array.from({ length: 3 }, async () => {
      const message = 'still at it';
      const [refused] = await Promise.allSettled([
        world.core.handlers.taskProgress({ taskId, epoch: 1, message }, callBy(worker)),
      ]);
      return refused.status;
    });
    call.answer({ result: { output: 7 } });
    const told = await Promise.all(changes);
    for (let i = 0; i < 5; i++) await world.time.advance(1000);
    await world.rest();
    expect([told, await world.state(taskId)]).to.deep.equal([['fulfilled', 'fulfilled', 'rejected'], 'completed #1']);
    await world.core.stop();
  });

  it('waits while no worker has room, and is given in the commit that makes room [TASK-05]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { window: 1 });
    const first = await world.submit();
    const second = await world.submit();
    expect([await world.state(second.taskId), givenTo(worker).length]).to.deep.equal(['submitted #0', 1]);
    const before = world.store.commits;
    await world.complete(lastGiven(worker), worker);
    expect({
      commits: world.store.commits - before,
      states: [await world.state(first.taskId), await world.state(second.taskId)],
      given: lastGiven(worker).taskId === second.taskId,
    }).to.deep.equal({ commits: 1, states: ['completed #1', 'working #1'], given: true });
    await world.core.stop();
  });

  it('goes by priority, then by age, and to an agent or to whichever has the skill [TASK-06]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { opens: false });
    const names: string[] = [];
    for (const [title, priority, to] of [
      ['low', 1, { skill: 'work' }],
      ['first', 5, { agent: 'w' }],
      ['second', 5, { skill: 'work' }],
      ['high', 9, { agent: 'w' }],
      ['old version', 9, { skill: 'work', version: '^3' }],
    ] as const) {
      const outcome = await failure(() => world.submit({ title, priority, to })).catch(() => undefined);
      if (outcome !== undefined) names.push(`${title} ${outcome.name}`);
    }
    await world.core.handlers.taskOpen({ agentId: 'w', window: 1 }, callBy(worker));
    for (let i = 0; i < 4; i++) {
      await world.rest();
      const given = lastGiven(worker);
      names.push((given.call.params.task as { title: string }).title);
      await world.complete(given, worker);
    }
    expect(names).to.deep.equal(['old version no_agent_for_skill', 'high', 'first', 'second', 'low']);
    await world.core.stop();
  });

  it('by skill goes to the worker with the fewest tasks [TASK-06]', async () => {
    const world = await TaskWorld.start();
    const workers = [await world.worker('a'), await world.worker('b'), await world.worker('c')];
    for (let i = 0; i < 9; i++) await world.submit();
    expect(workers.map((worker) => givenTo(worker).length)).to.deep.equal([3, 3, 3]);
    await world.core.stop();
  });

  it('is refused past the bound of what may wait [TASK-07]', async () => {
    const world = await TaskWorld.start({ limits: { queuedTasks: 2 } });
    await world.worker('w', { opens: false });
    await world.submit();
    await world.submit();
    const refusal = await failure(() => world.submit());
    expect(refusal).to.deep.equal({ name: 'inbox_full', limit: { 'tasks.queuedTasks': 2 } });
    await world.core.stop();
  });

  it('is given to a worker that pulls, as many as it asks for in one commit [TASK-08]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w', { opens: false });
    for (let i = 0; i < 3; i++) await world.submit({ input: i });
    const pulled = world.core.handlers.taskPull({ agentId: 'w', limit: 2, waitMs: 1000 }, callBy(worker));
    await world.rest();
    const { tasks } = await pulled;
    const waited = world.core.handlers.taskPull({ agentId: 'w', limit: 5, waitMs: 1000 }, callBy(worker));
    const third = await waited;
    const late = world.core.handlers.taskPull({ agentId: 'w', waitMs: 1000 }, callBy(worker));
    await world.rest();
    await world.submit({ input: 'late' });
    await world.rest();
    expect([tasks, third.tasks, (await late).tasks].map((list) => list.map(({ input }) => input))).to.deep.equal([
      [0, 1],
      [2],
      ['late'],
    ]);
    const none = world.core.handlers.taskPull({ agentId: 'w', waitMs: 1000 }, callBy(worker));
    await world.pass(1250);
    expect(await none).to.deep.equal({ tasks: [] });
    await world.core.stop();
  });

  it('leaves nothing of whom it waited for once nothing else waits for the same [TASK-07]', async () => {
    const world = await TaskWorld.start({ limits: { targets: 2 } });
    await world.worker('w', { opens: false });
    const kept = async ({ store }: TaskWorld) => {
      const found = await Promise.all(
        ['tasks/target/', 'task-lanes-heads/t~'].map((from) => store.range({ from, to: `${from}~` })),
      );
      return found.map(({ entries }) => entries.length);
    };
    const versions = Array.from({ length: 5 }, (_, i) => `>=0.${String(i)}.0`);
    const waiting = await world.submit({ to: { skill: 'work', version: '>=0.9.0' } });
    for (const version of versions) {
      const { taskId } = await world.submit({ to: { skill: 'work', version } });
      await world.core.handlers.taskCancel({ taskId }, callBy(world.asker));
      await world.rest();
    }
    const before = await kept(world);
    const full = await world.submit({ to: { skill: 'work', version: '>=0.8.0' } });
    const refused = await failure(() => world.submit({ to: { skill: 'work', version: '>=0.7.0' } }));
    await world.core.handlers.taskCancel({ taskId: full.taskId }, callBy(world.asker));
    const next = await world.restart('stop', { targets: 2 });
    const after = await kept(next);
    const worker = await next.worker('w', { window: 1 });
    await next.complete(lastGiven(worker), worker);
    const again = [];
    for (const version of versions) {
      const { taskId } = await next.submit({ to: { skill: 'work', version } });
      await next.rest();
      await next.complete(lastGiven(worker), worker);
      again.push(await next.state(taskId));
    }
    expect({ before, refused: refused.name, after, first: await next.state(waiting.taskId), again }).to.deep.equal({
      before: [2, 2],
      refused: 'limit_exceeded',
      after: [1, 1],
      first: 'completed #1',
      again: versions.map(() => 'completed #1'),
    });
    await next.core.stop();
  });

  it('waits on when a pull that has taken its place fails [TASK-08]', async () => {
    const store = new MemoryStore();
    const world = await TaskWorld.start({ store });
    const worker = await world.worker('w', { opens: false });
    for (let i = 0; i < 2; i++) await world.submit({ input: i });
    const pull = () => world.core.handlers.taskPull({ agentId: 'w', limit: 2, waitMs: 1000 }, callBy(worker));
    const { getTexts } = store;
    let reads = 0;
    store.getTexts = (keys) =>
      ++reads === 2
        ? Promise.reject(new OrchestratorError('storage_full', 'the disk is full', {}))
        : getTexts.call(store, keys);
    const refused = await failure(pull);
    await world.pass(1000);
    const { tasks } = await pull();
    expect({ refused: refused.name, tasks: tasks.map(({ input }) => input) }).to.deep.equal({
      refused: 'storage_full',
      tasks: [0, 1],
    });
    await world.core.stop();
  });

  it('has one answer for one idempotency key, and is a conflict with another input [TASK-09]', async () => {
    const world = await TaskWorld.start();
    await world.worker('w');
    const first = await world.submit({ idempotencyKey: 'k', input: 1 });
    const again = await world.submit({ idempotencyKey: 'k', input: 1 });
    const other = await failure(() => world.submit({ idempotencyKey: 'k', input: 2 }));
    const all = await world.core.handlers.taskList({}, callBy(world.asker));
    expect([again.taskId === first.taskId, other.name, all.entries.length]).to.deep.equal([true, 'conflict', 1]);
    await world.core.stop();
  });

  it('is seen by those who are party to it and nobody else [TASK-10]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const stranger = world.core.connect('stranger');
    const admin = world.core.connect('root', 'operator');
    const { taskId } = await world.submit();
    const seen = async (by: typeof stranger) =>
      world.core.handlers.taskGet({ taskId }, callBy(by)).then(
        ({ task }) => task.state,
        (error: unknown) => (error as { errorName: string }).errorName,
      );
    expect([await seen(world.asker), await seen(worker), await seen(admin), await seen(stranger)]).to.deep.equal([
      'working',
      'working',
      'working',
      'task_not_found',
    ]);
    const listed = await Promise.all(
      [world.asker, worker, admin, stranger].map(async (by) => {
        const page = await world.core.handlers.taskList({}, callBy(by));
        return page.entries.length;
      }),
    );
    expect(listed).to.deep.equal([1, 1, 1, 0]);
    await world.core.stop();
  });

  it('is listed newest first, by state, agent and page [TASK-10]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await world.submit({ title: String(i) })).taskId);
    await world.complete(lastGiven(worker), worker);
    const list = async (query: object) => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await world.core.handlers.taskList(
          { ...query, ...(cursor === undefined ? {} : { cursor }) },
          callBy(world.asker),
        );
        found.push(...page.entries.map(({ title }) => title ?? ''));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return found.join('');
    };
    expect([
      await list({}),
      await list({ limit: 2 }),
      await list({ state: 'completed' }),
      await list({ agent: 'w', state: 'working' }),
      await list({ agent: 'nobody' }),
    ]).to.deep.equal(['43210', '43210', '4', '3210', '']);
    await world.core.stop();
  });
});
