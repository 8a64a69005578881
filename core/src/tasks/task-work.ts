import { events, OrchestratorError, taskMethods } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { Log } from '../host/log.js';
import type { Timers } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import type { Answer, Session } from '../rpc/session.js';
import type { Effects } from '../store/effects.js';
import type { Assigner } from './assigner.js';
import type { HeldTask } from './held-tasks.js';
import { statusOf, timeOf } from './task.js';
import type { StoredTask, TaskError, TaskStatus } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskBoard } from './task-board.js';
import { ATTEMPT_ERRORS, isConflict, staleAttempt, taskNotFound, tooMuch } from './task-errors.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';
import type { TaskMeters } from './task-meters.js';
import type { Doing, TaskOutcomes } from './task-outcomes.js';
import type { WaitingTasks } from './waiting-tasks.js';

type Params<M extends keyof typeof taskMethods> = HandlerParamsOf<(typeof taskMethods)[M]>;

/** How often the record of a late result is written anew where something else changed the task. */
const LATE_TRIES = 3;

const ERROR_NAME = new RegExp(taskMethods.TASK_ERROR_NAME);

/** What came of an attempt. */
interface Result {
  readonly kind: 'complete' | 'fail' | 'reject';
  readonly text: string;
}

/** What workers say about the tasks that they have; each under the epoch of its assignment, and a sign of life. */
export class TaskWork {
  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly assigner: Assigner,
    private readonly outcomes: TaskOutcomes,
    private readonly access: TaskAccess,
    private readonly effects: Effects,
    private readonly meters: TaskMeters,
    private readonly timers: Timers,
    private readonly log: Log,
  ) {}

  complete(params: Params<'taskComplete'>, call: Call): Promise<TaskStatus> {
    const output = call.relayed === undefined ? undefined : Buffer.from(call.relayed);
    const text = output?.toString();
    const contentHash = output === undefined ? undefined : hash('sha256', output);
    const same = { ...params, output: contentHash };
    return this.#result(params, same, call, { kind: 'complete', text: text ?? 'null' }, (held, by) =>
      this.outcomes.complete(held, text, contentHash, by),
    );
  }

  fail(params: Params<'taskFail'>, call: Call): Promise<TaskStatus> {
    const { error } = params;
    this.#checkError(error);
    const result: Result = { kind: 'fail', text: JSON.stringify(error) };
    return this.#result(params, params, call, result, (held, by) => this.outcomes.fail(held, error, by));
  }

  reject(params: Params<'taskReject'>, call: Call): Promise<TaskStatus> {
    const result: Result = { kind: 'reject', text: JSON.stringify(params.reason) };
    return this.#result(params, params, call, result, (held, by) => this.outcomes.reject(held, params.reason, by));
  }

  async progress(params: Params<'taskProgress'>, call: Call): Promise<TaskStatus> {
    const { taskId, epoch, spend } = params;
    const known = this.board.held.get(taskId)?.task;
    // What it spends may be another's budget; what it has left of its own goes back there when it spends too much.
    const ownerId = spend === undefined ? undefined : known?.budgetOf;
    return this.board.run([taskId, ownerId], async () => {
      const held = await this.held(taskId, epoch, call);
      return this.#progress(held, params, call, held.task.budget === undefined ? ownerId : undefined);
    });
  }

  heartbeat(
    { taskId, epoch }: Params<'taskHeartbeat'>,
    call: Call,
  ): Promise<ResultOf<typeof taskMethods.taskHeartbeat>> {
    return this.board.run([taskId], async () => {
      const held = this.board.held.get(taskId);
      if (held?.task.epoch === epoch && held.task.worker === call.principal.id) {
        const leaseMs = this.heard(held, call.session);
        const leaseExpiresAt = timeOf(this.board.clock.now() + leaseMs);
        return { leaseExpiresAt, cancelRequested: false, inputs: await this.#answers(held) };
      }
      const stored = await this.board.find(taskId);
      if (stored === undefined || !this.access.isWorker(call.principal, stored.task)) throw taskNotFound(taskId);
      // Workers that only call learn of a cancellation here.
      if (stored.task.state === 'canceled' && stored.task.epoch === epoch) return { cancelRequested: true, inputs: [] };
      throw staleAttempt(stored.task, epoch);
    });
  }

  /** What a worker answered to task.assign. */
  answered(held: HeldTask, epoch: number, answer: Answer): void {
    if (answer.kind === 'timeout' || answer.kind === 'closed') return;
    const { worker = '' } = held.task;
    const by: Doing = { actor: 'worker', principal: worker, effect: this.board.direct };
    if (answer.kind === 'error') {
      this.#settle(held, epoch, () => this.outcomes.fail(held, errorOf(answer, this.board.limits.errorBytes), by));
      return;
    }
    const bytes = Buffer.from(answer.bytes);
    const result =
      bytes.length === 4 && bytes.toString('latin1') === 'null' ? null : (JSON.parse(bytes.toString()) as unknown);
    if (result === null) return;
    const output = outputIn(result);
    this.#settle(held, epoch, () =>
      output === undefined
        ? this.outcomes.fail(held, INVALID_ANSWER, by)
        : this.outcomes.complete(held, output.text, output.text && hash('sha256', output.text), by),
    );
  }

  /** A task could not be sent to its worker: its connection has no room, of which nobody is told when it has some again. */
  unsent(held: HeldTask, reason: string): void {
    const { epoch } = held.task;
    const afterMs = this.board.limits.sweepMs * 4;
    this.#settle(held, epoch, () => this.outcomes.interrupt(held, `it could not be sent: ${reason}`, afterMs));
  }

  /** A sign of life of a task's worker; answers how long its lease is then, ms. */
  heard(held: HeldTask, session: Session | undefined): number {
    const leaseMs = this.assigner.leaseMs(held.task);
    held.leaseUntil = this.board.clock.monotonicMs() + leaseMs;
    if (session !== undefined && held.session !== session) this.board.held.connect(held, session);
    return leaseMs;
  }

  /** The task, if the call is by its worker under its epoch. @throws OrchestratorError `task_not_found`, `stale_attempt` */
  async held(taskId: string, epoch: number, call: Call): Promise<HeldTask> {
    const held = this.board.held.get(taskId);
    if (held?.task.epoch === epoch && held.task.worker === call.principal.id) {
      this.heard(held, call.session);
      return held;
    }
    const stored = held?.stored ?? (await this.board.find(taskId));
    if (stored === undefined || !this.access.isWorker(call.principal, stored.task)) throw taskNotFound(taskId);
    throw staleAttempt(stored.task, epoch);
  }

  #result(
    {
      taskId,
      epoch,
      idempotencyKey,
    }: { readonly taskId: string; readonly epoch: number; readonly idempotencyKey?: string },
    same: object,
    call: Call,
    result: Result,
    run: (held: HeldTask, by: Doing) => Promise<TaskStatus>,
  ): Promise<TaskStatus> {
    const params = idempotencyKey === undefined ? { taskId, epoch } : { ...same, idempotencyKey };
    return this.effects.perform(call, params, (effect) =>
      this.board.run([taskId, this.board.held.get(taskId)?.task.budgetOf], async () => {
        const held = this.board.held.get(taskId);
        if (held?.task.epoch === epoch && held.task.worker === call.principal.id) {
          this.heard(held, call.session);
          return run(held, { actor: 'worker', principal: call.principal.id, effect });
        }
        return this.#late(taskId, epoch, call, result);
      }),
    );
  }

  /** A result of an attempt that is over is kept, and refused. */
  async #late(taskId: string, epoch: number, call: Call, result: Result): Promise<never> {
    for (let tries = LATE_TRIES; ; tries--) {
      // On its way to a worker it is changed without its queue.
      await this.board.claims.get(taskId);
      const stored = await this.board.find(taskId);
      if (stored === undefined || !this.access.isWorker(call.principal, stored.task)) throw taskNotFound(taskId);
      try {
        await this.#keepLate(stored, epoch, call, result);
      } catch (error) {
        if (tries > 1 && isConflict(error)) continue;
        throw error;
      }
      throw staleAttempt(stored.task, epoch);
    }
  }

  async #keepLate(stored: StoredTask, epoch: number, call: Call, { kind, text }: Result): Promise<void> {
    const { task } = stored;
    const late = (task.late ?? 0) + 1;
    if (task.erased === true || epoch > task.epoch || late > this.board.limits.lateResults) return;
    const commit = this.board.begin(call.principal.id);
    const change = commit.change(stored);
    const contentHash = hash('sha256', text);
    change.set({ late });
    change.event('lateResult', { epoch, reason: kind, contentHash });
    change.record(events.taskLateResult, { epoch, result: kind }, contentHash);
    const value = `{"epoch":${String(epoch)},"kind":"${kind}","content":${text}}`;
    change.puts.push({ key: TASK_KEYS.late(task.taskId) + String(late), text: value });
    await this.board.commit(this.waiting, commit);
    this.meters.lateResults.add();
  }

  async #progress(
    held: HeldTask,
    { progress, message, spend }: Params<'taskProgress'>,
    call: Call,
    ownerId: string | undefined,
  ): Promise<TaskStatus> {
    const { task } = held;
    const commit = this.board.begin(call.principal.id);
    const change = commit.change(held.stored);
    change.event('progress', {
      ...(progress === undefined ? {} : { progress }),
      ...(message === undefined ? {} : { message }),
      ...(spend === undefined ? {} : { spend }),
    });
    change.set({ ...(progress === undefined ? {} : { progress }), ...(message === undefined ? {} : { message }) });
    let over = false;
    if (spend !== undefined) {
      const more = Math.max(0, spend - (task.attemptSpent ?? 0));
      const spent = (task.spent ?? 0) + more;
      change.set({ spent, attemptSpent: (task.attemptSpent ?? 0) + more });
      over = task.budget !== undefined && spent + task.budget.reserved > task.budget.spend;
      const owner = ownerId === undefined ? undefined : await this.board.find(ownerId);
      if (owner?.task.budget !== undefined) {
        const ofOwner = commit.change(owner);
        const all = (owner.task.spent ?? 0) + more;
        ofOwner.set({ spent: all });
        over = all + owner.task.budget.reserved > owner.task.budget.spend;
      }
    }
    await this.board.commit(this.waiting, commit);
    if (!over) return statusOf(change.task);
    await this.outcomes.fail(held, ATTEMPT_ERRORS.overBudget, this.outcomes.own);
    throw new OrchestratorError('budget_exceeded', `task ${task.taskId} has failed: it spent more than its budget`, {
      resource: `task/${task.taskId}`,
    });
  }

  async #answers(held: HeldTask): Promise<{ inputId: string; payload: unknown }[]> {
    const { taskId, answered } = held.task;
    if (answered === undefined || answered.length === 0) return [];
    const prefix = TASK_KEYS.answers(taskId);
    const page = await this.board.store.range({ from: prefix, to: keysEnd(prefix), limit: 1000 });
    return page.entries
      .map(({ key, value }) => ({ inputId: key.slice(prefix.length), payload: value }))
      .filter(({ inputId }) => answered.includes(inputId));
  }

  #checkError({ data }: TaskError): void {
    const { errorBytes } = this.board.limits;
    if (data !== undefined && JSON.stringify(data).length > errorBytes) {
      throw tooMuch('the data of an error is too long', 'errorBytes', errorBytes);
    }
  }

  /** Brings an attempt to its end as its worker said; until that can be written, again and again while the task is the worker's. */
  #settle(held: HeldTask, epoch: number, run: () => Promise<TaskStatus>): void {
    const { taskId } = held.task;
    const still = (): boolean => this.board.held.get(taskId) === held && held.task.epoch === epoch;
    void this.board
      .run([taskId, held.task.budgetOf], async () => {
        if (still()) await run();
      })
      .catch((error: unknown) => {
        this.log.error({ err: error, taskId }, 'the end of an attempt could not be written and will be tried again');
        this.timers.after(this.board.limits.sweepMs * 4, () => {
          if (still()) this.#settle(held, epoch, run);
        });
      });
  }
}

const INVALID_ANSWER: TaskError = {
  name: 'invalid_answer',
  message: 'task.assign must be answered null (accepted) or {"output": ...} (done)',
  retryable: false,
};

/** The output in an answer to task.assign; `undefined` when it is none. */
function outputIn(result: unknown): { readonly text: string | undefined } | undefined {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return undefined;
  const names = Object.keys(result);
  if (names.some((name) => name !== 'output')) return undefined;
  const { output } = result as { readonly output?: unknown };
  return { text: output === undefined ? undefined : JSON.stringify(output) };
}

function errorOf({ message, data }: Extract<Answer, { kind: 'error' }>, bytes: number): TaskError {
  const said = typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  const { name, retryable } = said;
  const text = JSON.stringify(data);
  return {
    name: typeof name === 'string' && ERROR_NAME.test(name) ? name : 'worker_error',
    message: message.slice(0, 2048),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(data === undefined || text.length > bytes ? {} : { data }),
  };
}
