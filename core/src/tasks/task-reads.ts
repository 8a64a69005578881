import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, taskMethods } from '@ai-orchestrator/protocol';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { SubscriptionBatch } from '../rpc/session.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { Signals } from '../store/signals.js';
import type { RangePage } from '../store/store.js';
import { recordOf } from './task.js';
import type { Task, TaskEvent } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskArtifacts } from './task-artifacts.js';
import { eventsOf } from './task-board.js';
import type { TaskBoard } from './task-board.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';

type Params<M extends keyof typeof taskMethods> = HandlerParamsOf<(typeof taskMethods)[M]>;
type Result<M extends keyof typeof taskMethods> = ResultOf<(typeof taskMethods)[M]>;

/** Records that one page of a listing looks at, whether they match or not. */
const SCAN_PAGE = 500;
const DEFAULT_LIMIT = 100;
const EVENTS_PAGE = 100;
const WATCH_MARK = 'task:';
const LIST_MARK = 'tasks:';

/** Events of a task as a subscription has them. */
type FollowedEvents = SubscriptionBatch & { readonly entries: readonly TaskEvent[] };

/** What those who are party to tasks can see of them. */
export class TaskReads {
  constructor(
    private readonly board: TaskBoard,
    private readonly access: TaskAccess,
    private readonly artifacts: TaskArtifacts,
    private readonly signals: Signals,
  ) {}

  async get({ taskId, include = [] }: Params<'taskGet'>, call: Call): Promise<Result<'taskGet'>> {
    const { task } = await this.access.readable(call.principal, taskId);
    const keys = [TASK_KEYS.input(taskId), TASK_KEYS.output(taskId)];
    const wanted = include.includes('input') || include.includes('result');
    const [input, output] = wanted ? await this.board.store.getMany(keys) : [];
    return {
      task: recordOf(task, this.board.limits),
      ...(include.includes('input') && input !== undefined ? { input: input.value } : {}),
      ...(include.includes('result') && output !== undefined ? { output: output.value } : {}),
      ...(include.includes('artifacts') ? { artifacts: await this.artifacts.list(taskId) } : {}),
    };
  }

  /** Newest first; looks at a bounded number of records, so that a page may have few entries and still a cursor. */
  async list(query: Params<'taskList'>, { principal }: Call): Promise<Result<'taskList'>> {
    const { limit = DEFAULT_LIMIT, cursor } = query;
    const prefix = prefixOf(query);
    const to = cursor === undefined ? keysEnd(prefix) : prefix + idIn(cursor);
    const page = await this.board.store.range({ from: prefix, to, limit: SCAN_PAGE, reverse: true });
    const tasks = await this.#tasksOf(prefix, page);
    const entries: Result<'taskList'>['entries'] = [];
    for (const task of tasks) {
      if (entries.length === limit) return { entries, cursor: listCursor(entries.at(-1)?.taskId ?? '') };
      if (matches(task, query, principal) && this.access.mayRead(principal, task)) {
        entries.push(recordOf(task, this.board.limits));
      }
    }
    const last = page.entries.at(-1);
    if (page.next === undefined || last === undefined) return { entries };
    return { entries, cursor: listCursor(last.key.slice(prefix.length)) };
  }

  async watch({ taskId, after, fromStart }: Params<'taskWatch'>, call: Call): Promise<Result<'taskWatch'>> {
    const session = connectionOf(call);
    const { task } = await this.access.readable(call.principal, taskId);
    const last = after === undefined ? (fromStart === true ? 0 : task.events) : eventIn(after, task);
    // A cursor that is too old is refused in the answer, not by a subscription that ends at once.
    if (last < task.events) await this.#page(taskId, last, 1);
    const cursor = watchCursor(taskId, last);
    const subscriptionId = session.subscribe((signal) => this.#follow(taskId, last, signal), cursor, 'task:read');
    return { subscriptionId, cursor, task: recordOf(task, this.board.limits) };
  }

  /** As {@link Tasks.follow}. */
  async follow(taskId: string, principal: Principal, signal: AbortSignal): Promise<AsyncIterable<FollowedEvents>> {
    const { task } = await this.access.readable(principal, taskId);
    return this.#follow(taskId, task.events, signal);
  }

  async *#follow(taskId: string, after: number, signal: AbortSignal): AsyncGenerator<FollowedEvents> {
    let woken: Promise<void> | undefined;
    for (let last = after; !signal.aborted;) {
      const events = await this.#page(taskId, last, EVENTS_PAGE);
      const newest = events.at(-1);
      if (newest !== undefined) {
        last = newest.event;
        woken = undefined;
        yield { entries: events, cursor: watchCursor(taskId, last) };
      } else if (woken === undefined) {
        // Looks once more after it, so that nothing written meanwhile is missed.
        woken = this.signals.wait(eventsOf(taskId), signal);
      } else {
        await woken;
        woken = undefined;
      }
    }
  }

  /** @throws OrchestratorError `cursor_expired` when the events after that one are no longer kept */
  async #page(taskId: string, after: number, limit: number): Promise<TaskEvent[]> {
    let events = await this.#events(taskId, after, limit);
    if (events.length === 0 && ((await this.board.find(taskId))?.task.events ?? Infinity) > after) {
      // They were written since, or erased, or forgotten with the task.
      events = await this.#events(taskId, after, limit);
      if (events.length === 0) throw gone(after, {});
    }
    const [first] = events;
    if (first === undefined || first.event === after + 1) return events;
    throw gone(after, { oldest: first.event });
  }

  async #events(taskId: string, after: number, limit: number): Promise<TaskEvent[]> {
    const { entries } = await this.board.store.range({
      from: TASK_KEYS.event(taskId, after + 1),
      to: keysEnd(TASK_KEYS.events(taskId)),
      limit,
    });
    return entries.map(({ value }) => value as unknown as TaskEvent);
  }

  /** Records are read as they are, or found by the ids of an index. */
  async #tasksOf(prefix: string, page: RangePage): Promise<Task[]> {
    if (prefix === TASK_KEYS.records) return page.entries.map(({ value }) => value as unknown as Task);
    const keys = page.entries.map(({ key }) => TASK_KEYS.record(key.slice(prefix.length)));
    const found = keys.length === 0 ? [] : await this.board.store.getMany(keys);
    return found.flatMap((entry) => (entry === undefined ? [] : [entry.value as unknown as Task]));
  }
}

function prefixOf({ contextId, parentTaskId }: Params<'taskList'>): string {
  if (parentTaskId !== undefined) return TASK_KEYS.children(parentTaskId);
  return contextId === undefined ? TASK_KEYS.records : TASK_KEYS.ofContext(contextId);
}

function matches(task: Task, query: Params<'taskList'>, { id }: Principal): boolean {
  const { state, agent, contextId, mine } = query;
  if (state !== undefined && task.state !== state) return false;
  if (agent !== undefined && task.agent !== agent) return false;
  if (contextId !== undefined && task.contextId !== contextId) return false;
  return mine !== true || task.by.id === id;
}

function watchCursor(taskId: string, event: number): string {
  return Buffer.from(`${WATCH_MARK}${taskId}:${String(event)}`).toString('base64url');
}

function eventIn(cursor: string, { taskId, events }: Task): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const mark = `${WATCH_MARK}${taskId}:`;
  const event = Number(text.slice(mark.length));
  if (!text.startsWith(mark) || !Number.isSafeInteger(event) || event < 0) {
    throw invalid('/after', 'must come from an earlier answer about this task');
  }
  if (event <= events) return event;
  throw new OrchestratorError('cursor_expired', `the task ends with event ${String(events)}; was it restored?`, {
    last: events,
  });
}

function gone(after: number, data: { readonly oldest?: number }): OrchestratorError {
  return new OrchestratorError('cursor_expired', `events of the task after ${String(after)} are no longer kept`, data);
}

function listCursor(taskId: string): string {
  return Buffer.from(LIST_MARK + taskId).toString('base64url');
}

function idIn(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!text.startsWith(LIST_MARK)) throw invalid('/cursor', 'must come from an earlier answer of this method');
  return text.slice(LIST_MARK.length);
}

function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
}
