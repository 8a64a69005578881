import type { HandlerParamsOf, ResultOf, timelineMethods } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import type { CoreLimits } from '../../src/index.js';
import { callBy, card, startCore } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import type { MemorySession, ReceivedCall } from '../support/memory-session.js';

export type Entry = ResultOf<typeof timelineMethods.timelineGet>['entries'][number];
type GetParams = HandlerParamsOf<typeof timelineMethods.timelineGet>;

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const LIMITS: CoreLimits = {
  messages: { backoffMs: 100, sweepMs: 100, receiptKeepMs: 60_000, receiptSweepMs: 1_000 },
  tasks: { backoffMs: 100, backoffMaxMs: 100, keepMs: 60_000, forgetMs: 1_000 },
};

/** The core with a desk that takes messages, a worker and a helper that take tasks, each of an owner of its own, and a customer. */
export async function timelineWorld(limits: CoreLimits = {}) {
  const core = await startCore({ limits: { ...LIMITS, ...limits } });
  const customer = core.connect('customer');
  const observer = core.connect('observer', 'observer');
  const { handlers, time } = core;
  const come = async (agentId: string, skill: string): Promise<MemorySession> => {
    const session = core.connect(`owner-of-${agentId}`);
    await handlers.agentRegister({ agentId, card: card(skill) }, callBy(session));
    return session;
  };
  const desk = await come('desk', 'order');
  await handlers.inboxOpen({ agentId: 'desk', window: 8 }, callBy(desk));
  const worker = await come('worker', 'work');
  await handlers.taskOpen({ agentId: 'worker' }, callBy(worker));
  const helper = await come('helper', 'help');
  await handlers.taskOpen({ agentId: 'helper' }, callBy(helper));
  await settled();

  const last = (session: MemorySession, method: string): ReceivedCall =>
    session.calls.filter((call) => call.method === method).at(-1) ?? expect.fail(`no ${method}`);
  const assigned = (session: MemorySession) =>
    last(session, 'task.assign').params.task as { taskId: string; epoch: number };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      await time.advance(50);
      for (let i = 0; i < 4; i++) await settled();
    }
  };

  /** A message that fails once; because of it a task; for that a sub-task, which fails once; and another message. */
  const story = async (context: { contextId?: string } = {}) => {
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    const order = await handlers.messageSend(
      { to: { agent: 'desk' }, type: 'order', traceparent },
      callBy(customer, 'message.send', 'a chair'),
    );
    await pass(50);
    last(desk, 'message.handle').answer({ kind: 'error', code: -32000, message: 'not now', data: {} });
    await pass(300);
    const task = await handlers.taskSubmit(
      { to: { skill: 'work' }, causationId: order.messageId, traceparent, ...context },
      callBy(desk, 'task.submit', 'make a chair'),
    );
    await pass(50);
    const parent = assigned(worker);
    const part = await handlers.taskSubmit(
      { to: { skill: 'help' }, parentTaskId: parent.taskId, parentEpoch: parent.epoch },
      callBy(worker, 'task.submit', 'a leg'),
    );
    await pass(50);
    const error = { name: 'no_wood', message: 'there is no wood' };
    await handlers.taskFail({ ...named(assigned(helper)), error }, callBy(helper));
    await pass(600);
    await handlers.taskComplete(named(assigned(helper)), callBy(helper, 'task.complete', 'leg'));
    await pass(50);
    await handlers.taskComplete(named(parent), callBy(worker, 'task.complete', 'chair'));
    const note = await handlers.messageSend(
      { to: { agent: 'helper' }, type: 'thanks', parentId: order.messageId },
      callBy(desk, 'message.send', 'thank you'),
    );
    await pass(50);
    last(desk, 'message.handle').answer({ result: null });
    await pass(50);
    return { order: order.messageId, task: task.taskId, part: part.taskId, note: note.messageId };
  };

  const pages = async (params: GetParams, by: MemorySession = observer): Promise<Entry[][]> => {
    const found: Entry[][] = [];
    for (let cursor: string | undefined; ;) {
      const page = await handlers.timelineGet({ ...params, ...(cursor === undefined ? {} : { cursor }) }, callBy(by));
      found.push(page.entries);
      if (page.cursor === undefined) return found;
      cursor = page.cursor;
    }
  };
  return {
    ...core,
    trace: TRACE,
    customer,
    observer,
    desk,
    worker,
    helper,
    pass,
    story,
    pages,
    get: async (id: string, by?: MemorySession): Promise<Entry[]> => (await pages({ id }, by)).flat(),
  };
}

function named({ taskId, epoch }: { readonly taskId: string; readonly epoch: number }) {
  return { taskId, epoch };
}

/** Entries as lines, each below its cause: what, how it ended, how long it took. Ids get the names that a test gave them. */
export function lines(entries: readonly Entry[], names: Readonly<Record<string, string>>): string[] {
  const depths = new Map<string, number>();
  return entries.map((entry) => {
    const depth = entry.cause === undefined ? 0 : (depths.get(entry.cause) ?? NaN) + 1;
    depths.set(entry.id, depth);
    const { step, reason, error } = entry.details ?? {};
    const id = Object.entries(names).reduce((text, [name, of]) => text.replace(of, name), entry.id);
    const said = [step, entry.agent, entry.outcome, reason, error, entry.durationMs].filter(
      (part) => part !== undefined,
    );
    return `${'  '.repeat(depth)}${id.replace(/\/step\/\d+/, '/step')}: ${said.join(' ')}`;
  });
}
