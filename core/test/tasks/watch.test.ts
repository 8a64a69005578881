import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';
import { lastGiven, TaskWorld } from './task-world.js';

interface Seen {
  readonly event: number;
  readonly type: string;
  readonly state?: string;
  readonly final?: boolean;
}

/** The events that a connection was sent. */
function seenBy(session: MemorySession): Seen[] {
  return session.notifications
    .filter(({ method }) => method === 'subscription.events')
    .flatMap(({ params }) => (params as { entries: Seen[] }).entries);
}

describe('task.watch', () => {
  it('sends each event once and in order, from the start or from now on, to the final one [TASK-21]', async () => {
    const world = await TaskWorld.start();
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const [all, later] = [world.core.connect('asker'), world.core.connect('asker')];
    await world.core.handlers.taskWatch({ taskId, fromStart: true }, callBy(all));
    await world.core.handlers.taskWatch({ taskId }, callBy(later));
    await world.rest();
    for (const progress of [0.2, 0.4]) {
      await world.core.handlers.taskProgress({ taskId, epoch: 1, progress }, callBy(worker));
    }
    await world.complete(lastGiven(worker), worker);
    await world.rest();
    const text = ({ event, type, state, final }: Seen) =>
      [event, type, state, final].filter((part) => part !== undefined).join(' ');
    const expected = ['1 status submitted', '2 status working', '3 progress', '4 progress', '5 status completed true'];
    expect([seenBy(all).map(text), seenBy(later).map(text)]).to.deep.equal([expected, expected.slice(2)]);
    await world.core.stop();
  });

  it('goes on after a cursor, or says that events after it are gone [TASK-21]', async () => {
    const world = await TaskWorld.start({ limits: { events: 5 } });
    const worker = await world.worker('w');
    const { taskId } = await world.submit();
    const cursors: string[] = [];
    const watcher = world.core.connect('asker');
    await world.core.handlers.taskWatch({ taskId, fromStart: true }, callBy(watcher));
    for (let i = 0; i < 6; i++) {
      await world.core.handlers.taskProgress({ taskId, epoch: 1, progress: i / 6 }, callBy(worker));
      await world.rest();
      cursors.push((watcher.notifications.at(-1)?.params as { cursor: string }).cursor);
    }
    const resumed = world.core.connect('asker');
    await world.core.handlers.taskWatch({ taskId, after: cursors[2] ?? '' }, callBy(resumed));
    await world.rest();
    const old = await failure(() => world.core.handlers.taskWatch({ taskId, fromStart: true }, callBy(resumed)));
    const other = await world.submit();
    const wrong = await failure(() =>
      world.core.handlers.taskWatch({ taskId: other.taskId, after: cursors[2] ?? '' }, callBy(resumed)),
    );
    expect([seenBy(watcher), seenBy(resumed)].map((list) => list.map(({ event }) => event))).to.deep.equal([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [6, 7, 8],
    ]);
    expect([old.name, wrong.name]).to.deep.equal(['cursor_expired', 'invalid_params']);
    await world.core.stop();
  });

  it('sends nothing to who is not party to the task [TASK-21]', async () => {
    const world = await TaskWorld.start();
    await world.worker('w');
    const { taskId } = await world.submit();
    const stranger = world.core.connect('stranger');
    const refused = await failure(() => world.core.handlers.taskWatch({ taskId }, callBy(stranger)));
    expect(refused.name).to.equal('task_not_found');
    await world.core.stop();
  });
});

describe('watchers of tasks', () => {
  it('take no place of a pull that waits [TASK-21]', async () => {
    const world = await TaskWorld.start({ limits: { watchers: 1, pullWaiters: 1 } });
    await world.worker('v');
    const { taskId } = await world.submit();
    for (let i = 0; i < 2; i++) {
      await world.core.handlers.taskWatch({ taskId }, callBy(world.core.connect('asker')));
    }
    await world.rest();
    const worker = await world.worker('w', { skills: ['other'], opens: false });
    const pulled = world.core.handlers.taskPull({ agentId: 'w', waitMs: 1000 }, callBy(worker));
    await world.pass(1250);
    expect(await pulled).to.deep.equal({ tasks: [] });
    await world.core.stop();
  });
});

describe('an ended task', () => {
  it('is kept for its time, then forgotten with all that belongs to it [TASK-22]', async () => {
    const world = await TaskWorld.start({ limits: { keepMs: 60_000, forgetMs: 10_000 } });
    const worker = await world.worker('w');
    await world.context('talk');
    const { taskId } = await world.submit({ contextId: 'talk' });
    const open = await world.submit();
    await world.complete({ taskId, epoch: 1 }, worker);
    await world.time.advance(50_000);
    await world.rest();
    const kept = await world.state(taskId);
    await world.time.advance(20_000);
    await world.rest();
    const left = await world.store.range({ from: 'context-items/', to: 'tasks0', limit: 1000 });
    expect(kept).to.equal('completed #1');
    expect(left.entries.map(({ key }) => key).filter((key) => key.includes(taskId))).to.deep.equal([]);
    expect(await world.state(open.taskId)).to.equal('working #1');
    await world.core.stop();
  });
});
