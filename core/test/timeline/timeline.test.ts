import { expect } from 'chai';
import type { SubscriptionBatch } from '../../src/rpc/session.js';
import { callBy, failure } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';
import { lines, timelineWorld, type Entry } from './timeline-world.js';

const PART = [
  'task/part: helper completed 650',
  '  task/part/step: assigned helper',
  '  task/part/step: attemptFailed failed no_wood 50',
  '  task/part/step: assigned helper',
  '  task/part/step: ended helper completed 500',
];
const TASK = [
  'task/task: worker completed 750',
  '  task/task/step: assigned worker',
  '  task/task/step: ended worker completed 750',
  ...PART.map((line) => `  ${line}`),
];
const ORDER = [
  'message/order: desk handled 1150',
  '  message/order/delivery/1: desk failed error 50',
  '  message/order/delivery/2: desk handled 1000',
  ...TASK.map((line) => `  ${line}`),
  '  message/note: helper',
];

/** The entries that a connection was told, each as it was told last, in the order in which they came first. */
function toldTo(session: MemorySession): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { method, params } of session.notifications) {
    if (method !== 'subscription.events') continue;
    for (const entry of (params as { entries: Entry[] }).entries) entries.set(entry.id, entry);
  }
  return [...entries.values()];
}

/** What a connection subscribes to, for a test that takes one batch after the other. */
async function subscribed(
  session: MemorySession,
  subscribe: () => Promise<unknown>,
): Promise<AsyncIterator<SubscriptionBatch>> {
  let batches: AsyncIterator<SubscriptionBatch> | undefined;
  session.subscribe = (source) => {
    batches = source(new AbortController().signal)[Symbol.asyncIterator]();
    return 'subscription';
  };
  await subscribe();
  return batches ?? expect.fail('nothing was subscribed');
}

describe('timeline.get', () => {
  it('tells a message with its deliveries and all it caused, each after its cause, with durations and outcomes [TL-01]', async () => {
    const world = await timelineWorld();
    const ids = await world.story();
    expect(lines(await world.get(ids.order), ids)).to.deep.equal(ORDER);
    expect((await world.get(ids.order))[1]).to.deep.equal({
      id: `message/${ids.order}/delivery/1`,
      cause: `message/${ids.order}`,
      kind: 'delivery',
      at: '2026-01-01T00:00:00.000Z',
      durationMs: 50,
      outcome: 'failed',
      agent: 'desk',
      attempt: 1,
      details: { reason: 'error' },
    });
    await world.stop();
  });

  it('tells a task with its sub-tasks, and all that belongs to a trace [TL-02]', async () => {
    const world = await timelineWorld();
    const ids = await world.story();
    expect(lines(await world.get(ids.task), ids)).to.deep.equal(TASK);
    expect(lines(await world.get(ids.part), ids)).to.deep.equal(PART);
    expect(lines(await world.get(world.trace), ids)).to.deep.equal(ORDER);
    const unknown = { id: '019b76da-a800-7000-8000-000000000000' };
    expect(await failure(() => world.pages(unknown))).to.include({ name: 'not_found' });
    await world.stop();
  });

  it('tells a context with what was said in it and the messages and tasks that belong to it [TL-03]', async () => {
    const world = await timelineWorld();
    const contextId = 'chairs';
    await world.handlers.contextCreate(
      { contextId, participants: [{ agent: 'desk', role: 'member' }] },
      callBy(world.customer),
    );
    await world.handlers.contextAppend({ contextId }, callBy(world.customer, 'context.append', 'a chair, please'));
    const asked = await world.handlers.messageSend(
      { to: { context: contextId }, type: 'ask' },
      callBy(world.customer, 'message.send', 'when?'),
    );
    await world.pass(50);
    world.desk.calls.at(-1)?.answer({ result: null });
    await world.pass(50);
    const made = await world.handlers.taskSubmit(
      { to: { agent: 'worker' }, contextId },
      callBy(world.customer, 'task.submit', 'a chair'),
    );
    await world.pass(50);
    const told = [
      'context/chairs: ',
      '  context/chairs/entry/1: ',
      '  message/asked: desk handled 50',
      '    message/asked/delivery/1: desk handled 50',
      '  task/made: worker',
      '    task/made/step: assigned worker',
    ];
    const [sent] = asked.messages ?? [];
    const names = { asked: sent?.messageId ?? '', made: made.taskId };
    for (const by of [world.customer, world.desk]) {
      expect(lines(await world.get(contextId, by), names)).to.deep.equal(told);
    }
    expect(await failure(() => world.pages({ id: contextId }, world.worker))).to.include({ name: 'not_found' });
    await world.stop();
  });

  it('tells of an erased context that its messages and tasks were, and how they ended [TL-12]', async () => {
    const world = await timelineWorld();
    const contextId = 'chairs';
    const participants = [{ agent: 'desk', role: 'member' as const }];
    await world.handlers.contextCreate({ contextId, participants }, callBy(world.customer));
    await world.handlers.contextAppend({ contextId }, callBy(world.customer, 'context.append', 'a chair, please'));
    const asked = await world.handlers.messageSend(
      { to: { agent: 'desk' }, contextId },
      callBy(world.customer, 'message.send', 'when?'),
    );
    await world.pass(50);
    const made = await world.handlers.taskSubmit(
      { to: { agent: 'worker' }, contextId },
      callBy(world.customer, 'task.submit', 'a chair'),
    );
    await world.pass(50);
    const erasing = world.handlers.contextErase({ contextId }, callBy(world.customer));
    await world.pass(500);
    await erasing;
    const names = { asked: asked.messageId, made: made.taskId };
    expect(
      lines(await world.get(contextId, world.customer), names).map((line) => line.replace(/ \d+$/, '')),
    ).to.deep.equal([
      'context/chairs: erased',
      '  message/asked: desk canceled',
      '    message/asked/delivery/1: desk failed',
      '  task/made: worker canceled',
    ]);
    await world.stop();
  });

  it('comes in pages of any size that together are the whole [TL-04]', async () => {
    const world = await timelineWorld({ timelines: { pageItems: 2 } });
    const ids = await world.story();
    for (const id of [ids.order, ids.task, world.trace]) {
      const whole = await world.get(id);
      for (const limit of [1, 2, 3]) {
        const pages = await world.pages({ id, limit });
        expect(pages.flat()).to.deep.equal(whole);
        expect(pages.every((page) => page.length <= limit)).to.equal(true);
      }
    }
    await world.stop();
  });

  it('shows what the caller is party to, below the nearest cause that it may see [TL-05]', async () => {
    const world = await timelineWorld();
    const ids = await world.story();
    expect(lines(await world.get(ids.order, world.customer), ids)).to.deep.equal(ORDER.slice(0, 3));
    expect(lines(await world.get(ids.task, world.worker), ids)).to.deep.equal(TASK);
    // The helper got the note and the part, and knows neither order nor task.
    const helped = lines(await world.get(world.trace, world.helper), ids);
    expect(helped).to.deep.equal([...PART, 'message/note: helper']);
    const stranger = world.connect('stranger');
    for (const id of [ids.order, ids.task]) {
      expect(await failure(() => world.pages({ id }, stranger))).to.include({ name: 'not_found' });
    }
    expect(await world.get(world.trace, stranger)).to.deep.equal([]);
    await world.stop();
  });

  it('leaves nothing behind once messages and tasks are kept no longer [TL-06]', async () => {
    const world = await timelineWorld();
    const ids = await world.story();
    await world.time.advance(70_000);
    for (let i = 0; i < 70; i++) await world.time.advance(1000);
    const left = [];
    for (const prefix of ['timeline', 'message-attempts', 'tasks']) {
      const { entries } = await world.store.range({ from: `${prefix}/`, to: `${prefix}0`, limit: 100 });
      left.push(...entries.map(({ key }) => key));
    }
    // The note is not handled yet.
    expect(left.filter((key) => !key.endsWith(ids.note))).to.deep.equal([]);
    expect(await failure(() => world.pages({ id: ids.order }))).to.include({ name: 'not_found' });
    await world.stop();
  });
});

describe('timeline.watch', () => {
  it('tells what happened and then what happens, as timeline.get tells it afterwards [TL-07]', async () => {
    const world = await timelineWorld();
    const first = world.connect('observer', 'observer');
    const order = await world.handlers.messageSend(
      { to: { agent: 'desk' }, causationId: '019b76da-a800-7000-8000-000000000000' },
      callBy(world.customer, 'message.send', 'hello'),
    );
    const earlier = world.desk.calls.at(-1);
    await world.handlers.timelineWatch({ id: order.messageId }, callBy(first));
    await world.pass(50);
    earlier?.answer({ result: null });
    await world.pass(50);
    expect(lines(toldTo(first), { order: order.messageId })).to.deep.equal([
      'message/order: desk handled 50',
      '  message/order/delivery/1: desk handled 50',
    ]);
    await world.stop();
  });

  it('tells of what comes to belong to it, and goes on after a cursor without telling anything twice or missing it [TL-08]', async () => {
    const world = await timelineWorld();
    const watcher = world.connect('observer', 'observer');
    const begun = await world.handlers.taskSubmit(
      { to: { agent: 'worker' }, traceparent: `00-${world.trace}-b7ad6b7169203331-01` },
      callBy(world.customer, 'task.submit', 1),
    );
    await world.handlers.timelineWatch({ id: world.trace }, callBy(watcher));
    await world.pass(50);
    const { cursor } = watcher.notifications.at(-1)?.params as { cursor: string };
    const ids = { ...(await world.story()), begun: begun.taskId };
    const whole = await world.get(world.trace);
    const sorted = (entries: readonly Entry[]) => [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(sorted(toldTo(watcher))).to.deep.equal(sorted(whole));
    const resumed = world.connect('observer', 'observer');
    await world.handlers.timelineWatch({ id: world.trace, after: cursor }, callBy(resumed));
    await world.pass(300);
    expect(sorted(toldTo(resumed))).to.deep.equal(
      sorted(whole.filter(({ id }) => !id.startsWith(`task/${ids.begun}`))),
    );
    await world.stop();
  });

  it('misses nothing after any cursor, also of what happened to several things at once [TL-08]', async () => {
    const world = await timelineWorld();
    const traceparent = `00-${world.trace}-b7ad6b7169203331-01`;
    const submit = (agent: string) =>
      world.handlers.taskSubmit({ to: { agent }, traceparent }, callBy(world.customer, 'task.submit', 1));
    const tasks = [await submit('worker'), await submit('helper')];
    await world.pass(50);
    const batches = await subscribed(world.observer, () =>
      world.handlers.timelineWatch({ id: world.trace }, callBy(world.observer)),
    );
    for (let i = 0; i < 2; i++) await batches.next();
    for (const [i, { taskId }] of tasks.entries()) {
      const by = i === 0 ? world.worker : world.helper;
      await world.handlers.taskComplete({ taskId, epoch: 1 }, callBy(by, 'task.complete', 1));
    }
    const { cursor } = (await batches.next()).value as SubscriptionBatch;
    await batches.return?.();
    const resumed = world.connect('observer', 'observer');
    await world.handlers.timelineWatch({ id: world.trace, after: cursor }, callBy(resumed));
    await world.pass(300);
    expect(toldTo(resumed)).to.deep.equal(await world.get(world.trace));
    await world.stop();
  });

  it('is refused to who may not see it, and for a cursor past the end of the journal [TL-09]', async () => {
    const world = await timelineWorld();
    const ids = await world.story();
    const watch = (id: string, by: MemorySession) => world.handlers.timelineWatch({ id }, callBy(by));
    expect(await failure(() => watch(ids.order, world.connect('stranger')))).to.include({ name: 'not_found' });
    const after = Buffer.from('timeline:999999').toString('base64url');
    expect(
      await failure(() => world.handlers.timelineWatch({ id: ids.order, after }, callBy(world.observer))),
    ).to.include({ name: 'cursor_expired' });
    await world.stop();
  });

  it('tells nothing more to who may no longer see it [TL-10]', async () => {
    const world = await timelineWorld();
    const contextId = 'chairs';
    const participants = [{ agent: 'helper', role: 'member' as const }];
    await world.handlers.contextCreate({ contextId, participants }, callBy(world.customer));
    await world.handlers.timelineWatch({ id: contextId }, callBy(world.helper));
    const say = (what: string) =>
      world.handlers.contextAppend({ contextId }, callBy(world.customer, 'context.append', what));
    await say('hello');
    await world.pass(300);
    const before = toldTo(world.helper).map(({ id }) => id);
    await world.handlers.contextRemove({ contextId, participant: { agent: 'helper' } }, callBy(world.customer));
    await say('he is gone');
    await world.pass(300);
    expect(toldTo(world.helper).map(({ id }) => id)).to.deep.equal(before);
    expect(before).to.deep.equal(['context/chairs', 'context/chairs/entry/1']);
    expect(world.helper.notifications.at(-1)).to.deep.equal({
      method: 'subscription.closed',
      params: { subscriptionId: 'subscription-1', error: 'permission_denied' },
    });
    await world.stop();
  });

  it('ends with limit_exceeded past its bound on items [TL-11]', async () => {
    const world = await timelineWorld({ timelines: { watchedItems: 2 } });
    const ids = await world.story();
    const batches = await subscribed(world.observer, () =>
      world.handlers.timelineWatch({ id: ids.order }, callBy(world.observer)),
    );
    const drained = async () => {
      while ((await batches.next()).done !== true);
    };
    expect(await failure(drained)).to.deep.equal({ name: 'limit_exceeded', limit: 2 });
    await world.stop();
  });
});
