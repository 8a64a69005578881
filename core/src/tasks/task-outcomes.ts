import { events } from '@ai-orchestrator/protocol';
import type { Log } from '../host/log.js';
import type { Random, Timers } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import type { Effect } from '../store/effects.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import type { Assigner, Claim } from './assigner.js';
import type { HeldTask } from './held-tasks.js';
import type { TaskActor } from './life-cycle.js';
import type { Openings } from './openings.js';
import { statusOf } from './task.js';
import type { StoredTask, Task, TaskError, TaskStatus } from './task.js';
import type { TaskBoard } from './task-board.js';
import type { TaskChange } from './task-change.js';
import type { TaskCommit } from './task-commit.js';
import { taskDeadLetter } from './task-dead-letters.js';
import { isConflict } from './task-errors.js';
import { cascadeMark, TASK_KEYS } from './task-keys.js';
import type { AttemptOutcome, TaskMeters } from './task-meters.js';
import { afterFailure, planAssignment, planEnd, planInterruption, planRefund, planRetry } from './task-plans.js';
import type { WaitingTasks } from './waiting-tasks.js';

/** Whose doing something is, and in which effect. */
export interface Doing {
  readonly actor: TaskActor;
  readonly principal: string;
  readonly effect: Effect;
}

/**
 * How attempts and tasks come to their end. Each is one commit with its events, the return of its budget, and, where a worker has room
 * then, the next task's assignment. The caller has the queue of the task, and of the task whose budget it draws on.
 */
export class TaskOutcomes {
  /** Told of a task whose sub-tasks are to be canceled. */
  onCascade: (taskId: string) => void = () => undefined;

  constructor(
    private readonly board: TaskBoard,
    private readonly openings: Openings,
    private readonly waiting: WaitingTasks,
    private readonly assigner: Assigner,
    private readonly meters: TaskMeters,
    private readonly random: Random,
    private readonly timers: Timers,
    private readonly log: Log,
  ) {}

  /** What the daemon does on its own account. */
  get own(): Doing {
    return { actor: 'daemon', principal: DAEMON.id, effect: this.board.direct };
  }

  complete(
    held: HeldTask,
    outputText: string | undefined,
    contentHash: string | undefined,
    by: Doing,
  ): Promise<TaskStatus> {
    return this.#leave(held, 'completed', by, (_commit, change) => {
      planEnd(change, 'completed', by.actor);
      const outputBytes = outputText?.length ?? 0;
      change.record(events.taskCompleted, { outputBytes }, contentHash);
      if (outputText !== undefined) change.puts.push({ key: TASK_KEYS.output(held.task.taskId), text: outputText });
    });
  }

  reject(held: HeldTask, reason: string, by: Doing): Promise<TaskStatus> {
    return this.#leave(held, 'rejected', by, (commit, change) => {
      planEnd(change, 'rejected', by.actor, { reason });
      change.record(events.taskRejected, {});
      this.#cascade(commit, change);
    });
  }

  /**
   * An attempt failed: the task waits for another, or has failed.
   *
   * @param suspect its worker was lost, perhaps through its fault
   */
  fail(held: HeldTask, error: TaskError, by: Doing, suspect = false): Promise<TaskStatus> {
    const { task } = held;
    const then = afterFailure(task, error, this.board.clock.now(), this.random.fraction(), this.board.limits);
    const outcome = suspect ? 'lost' : 'failed';
    if (then.then === 'retry') {
      return this.#leave(held, outcome, by, (commit, change) => {
        planRetry(commit, change, this.waiting, error, then.notBefore, suspect);
      });
    }
    return this.#leave(held, outcome, by, (commit, change) => {
      this.#planFailed(commit, change, error, by.actor, then.deadLetter);
    });
  }

  /**
   * A worker is not to go on with a task, through no fault of either: it goes on elsewhere, or here, with the same attempt.
   *
   * @param afterMs how long it waits before that; not at all unless said
   */
  interrupt(held: HeldTask, reason: string, afterMs?: number): Promise<TaskStatus> {
    return this.#leave(held, 'interrupted', this.own, (commit, change) => {
      const now = this.board.clock.now();
      planInterruption(commit, change, this.waiting, reason, now, afterMs === undefined ? undefined : now + afterMs);
    });
  }

  /** @param cascade whether its sub-tasks are canceled too */
  cancel(held: HeldTask, reason: string | undefined, cascade: boolean, by: Doing): Promise<TaskStatus> {
    return this.#leave(held, 'canceled', by, (commit, change) => {
      this.#planCanceled(commit, change, reason, cascade, by.actor);
    });
  }

  /** Cancels a task that waits; its place was taken. */
  cancelWaiting(
    stored: StoredTask,
    entry: LaneEntry,
    reason: string | undefined,
    cascade: boolean,
    by: Doing,
  ): Promise<TaskStatus> {
    return this.#endWaiting(stored, entry, by, (commit, change) => {
      this.#planCanceled(commit, change, reason, cascade, by.actor);
    });
  }

  /** A task that waits has failed; its place was taken. */
  failWaiting(stored: StoredTask, entry: LaneEntry, error: TaskError): Promise<TaskStatus> {
    return this.#endWaiting(stored, entry, this.own, (commit, change) => {
      this.#planFailed(commit, change, error, 'daemon', false);
    });
  }

  #planCanceled(
    commit: TaskCommit,
    change: TaskChange,
    reason: string | undefined,
    cascade: boolean,
    actor: TaskActor,
  ): void {
    planEnd(change, 'canceled', actor, reason === undefined ? {} : { reason });
    change.record(events.taskCanceled, { cascade });
    if (cascade) this.#cascade(commit, change);
  }

  #planFailed(commit: TaskCommit, change: TaskChange, error: TaskError, actor: TaskActor, deadLetter: boolean): void {
    const { taskId } = change.task;
    planEnd(change, 'failed', actor, { error });
    change.record(events.taskFailed, { error: error.name, ...(deadLetter ? { deadLetter } : {}) });
    if (deadLetter) change.puts.push(taskDeadLetter(change.task, error, this.board.clock.now()));
    this.#cascade(commit, change);
    if (deadLetter) {
      this.meters.deadLetters.add();
      const { attempt, to } = change.task;
      this.log.error(
        { taskId, attempt, to, error: error.name },
        'the attempts of a task are used up: it is a dead letter',
      );
    }
  }

  /** Sub-tasks of a task that ended without having been done are canceled, also after a restart. */
  #cascade(commit: TaskCommit, change: TaskChange): void {
    if (change.task.children > 0) commit.puts.push(cascadeMark(change.task.taskId));
  }

  /** A worker is done with a task: in the same commit it gets the next one. */
  async #leave(
    held: HeldTask,
    outcome: AttemptOutcome,
    by: Doing,
    plan: (commit: TaskCommit, change: TaskChange) => void,
  ): Promise<TaskStatus> {
    const { agentId, stored } = held;
    const owner = await this.#budgetOwner(stored);
    const opening = this.openings.get(agentId);
    // What it holds now is no longer in its way.
    this.board.held.vacate(held);
    let claim = opening === undefined ? undefined : await this.assigner.claim(opening).catch(this.#claimFailed);
    const attempt = async (
      next: Claim | undefined,
    ): Promise<{ change: TaskChange; next: TaskChange | undefined; revision: number }> => {
      const commit = this.board.begin(by.principal);
      const change = commit.change(stored);
      plan(commit, change);
      if (change.task.endedAt !== undefined) planRefund(commit, change.task, owner && commit.change(owner));
      const assigned = next === undefined ? undefined : commit.change(next.stored);
      if (next !== undefined && assigned !== undefined) {
        planAssignment(assigned, next.opening.agent, this.board.clock.now());
        commit.lane((lane) => {
          lane.settle(next.entry);
        });
      }
      const revision = await this.board.commit(this.waiting, commit, by.effect, () => statusOf(change.task));
      return { change, next: assigned, revision };
    };
    try {
      const done = await attempt(claim).catch((error: unknown) => {
        if (claim === undefined || !isConflict(error)) throw error;
        // The next task changed meanwhile, for example by a late result; that is no matter of this one's.
        claim.abandon();
        claim = undefined;
        return attempt(undefined);
      });
      this.board.held.drop(held);
      if (claim !== undefined && done.next !== undefined) {
        claim.done();
        this.assigner.assigned(done.next.stored(done.revision), claim.input, claim.opening);
      } else if (opening !== undefined) this.assigner.pump(opening);
      const { task } = done.change;
      this.meters.attemptEnded(outcome, task.updatedAt - (stored.task.runningSince ?? task.updatedAt));
      if (task.endedAt !== undefined) this.#ended(task);
      return statusOf(task);
    } catch (error) {
      this.board.held.occupy(held);
      claim?.abandon();
      throw error;
    }
  }

  async #endWaiting(
    stored: StoredTask,
    entry: LaneEntry,
    by: Doing,
    plan: (commit: TaskCommit, change: TaskChange) => void,
  ): Promise<TaskStatus> {
    const owner = await this.#budgetOwner(stored);
    const commit = this.board.begin(by.principal);
    const change = commit.change(stored);
    plan(commit, change);
    planRefund(commit, change.task, owner && commit.change(owner));
    commit.lane((lane) => {
      lane.settle(entry);
    });
    try {
      await this.board.commit(this.waiting, commit, by.effect, () => statusOf(change.task));
    } catch (error) {
      this.timers.after(this.board.limits.sweepMs, () => {
        this.waiting.putBack(entry);
      });
      throw error;
    }
    this.#ended(change.task);
    return statusOf(change.task);
  }

  #ended(task: Task): void {
    this.meters.ended(task);
    if (task.children > 0 && task.state !== 'completed') this.onCascade(task.taskId);
  }

  async #budgetOwner({ task }: StoredTask): Promise<StoredTask | undefined> {
    return task.budget === undefined || task.budgetOf === undefined ? undefined : this.board.find(task.budgetOf);
  }

  readonly #claimFailed = (error: unknown): undefined => {
    this.log.error({ err: error }, 'the next task of a worker could not be read');
  };
}
