import { events } from '@ai-orchestrator/protocol';
import type { Agent } from '../agents/agent.js';
import { interruptTask } from './life-cycle.js';
import type { TaskActor } from './life-cycle.js';
import type { Task, TaskError } from './task.js';
import { deadlineOf, ranOf, retryOf, timeOf } from './task.js';
import type { TaskChange, TaskFields } from './task-change.js';
import type { TaskCommit } from './task-commit.js';
import { TASK_KEYS } from './task-keys.js';
import type { TaskLimits } from './task-limits.js';
import type { WaitingTasks } from './waiting-tasks.js';

/** What an attempt leaves behind when another is to follow. */
const NEXT_ATTEMPT: TaskFields = {
  progress: undefined,
  message: undefined,
  inputs: undefined,
  answered: undefined,
  ranMs: undefined,
  runningSince: undefined,
  attemptSpent: undefined,
};

/** A worker gets a task. */
export function planAssignment(change: TaskChange, agent: Agent, now: number): void {
  const { task } = change;
  const owner = agent.owner.id;
  const { worker, pastWorkers = [] } = task;
  change.move('working', 'daemon', {
    agent: agent.id,
    worker: owner,
    startedAt: task.startedAt ?? now,
    runningSince: now,
    nextAttemptAt: undefined,
    place: undefined,
    ...(worker === undefined || worker === owner || pastWorkers.includes(worker)
      ? {}
      : { pastWorkers: [...pastWorkers, worker] }),
  });
  change.event('status', { state: 'working', agent: agent.id });
  change.record(events.taskAssigned, { epoch: change.task.epoch });
  change.puts.push({ key: TASK_KEYS.held + task.taskId, text: 'null' });
}

/** A task has its outcome. */
export function planEnd(
  change: TaskChange,
  state: 'completed' | 'failed' | 'canceled' | 'rejected',
  actor: TaskActor,
  fields: { readonly error?: TaskError; readonly reason?: string } = {},
): void {
  const { taskId, agent } = change.task;
  const ranMs = ranOf(change.task, change.task.updatedAt);
  change.move(state, actor, {
    ...fields,
    inputs: undefined,
    answered: undefined,
    nextAttemptAt: undefined,
    place: undefined,
    runningSince: undefined,
  });
  change.event('status', { state, final: true, ...(agent === undefined ? {} : { agent }), ...ran(ranMs), ...fields });
  change.deletes.push(TASK_KEYS.held + taskId);
}

/** The budget that an ended task did not use goes back to where it came from. */
export function planRefund(commit: TaskCommit, ended: Task, owner: TaskChange | undefined): void {
  if (owner === undefined || ended.budget === undefined || owner.task.budget === undefined) return;
  const { spend, reserved } = owner.task.budget;
  owner.set({
    budget: { spend, reserved: Math.max(0, reserved - ended.budget.spend) },
    spent: (owner.task.spent ?? 0) + (ended.spent ?? 0),
  });
}

/** What follows an attempt that failed. */
export type Failure =
  { readonly then: 'retry'; readonly notBefore: number } | { readonly then: 'end'; readonly deadLetter: boolean };

/**
 * Decides whether an attempt that failed is followed by another.
 *
 * @param jitter 0 <= n < 1
 */
export function afterFailure(task: Task, error: TaskError, now: number, jitter: number, defaults: TaskLimits): Failure {
  const { maxAttempts, backoffMs, backoffMaxMs, doNotRetry } = retryOf(task, defaults);
  if (error.retryable === false || doNotRetry?.includes(error.name) === true) return { then: 'end', deadLetter: false };
  if (task.attempt >= maxAttempts) return { then: 'end', deadLetter: true };
  const delay = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(30, task.attempt - 1));
  const notBefore = Math.ceil(now + delay * (0.5 + jitter / 2));
  return notBefore < deadlineOf(task, defaults) ? { then: 'retry', notBefore } : { then: 'end', deadLetter: false };
}

/** A task waits for another attempt. */
export function planRetry(
  commit: TaskCommit,
  change: TaskChange,
  waiting: WaitingTasks,
  error: TaskError,
  notBefore: number,
  suspect: boolean,
): void {
  const nextAttemptAt = timeOf(notBefore);
  const ranMs = ranOf(change.task, change.task.updatedAt);
  change.move('submitted', 'daemon', {
    ...NEXT_ATTEMPT,
    error,
    queuedAt: notBefore,
    nextAttemptAt: notBefore,
    ...(suspect ? { suspect } : {}),
  });
  change.event('attemptFailed', { state: 'submitted', ...ran(ranMs), error, nextAttemptAt });
  change.record(events.taskAttemptFailed, { error: error.name, nextAttemptAt });
  planWait(commit, change, waiting, notBefore);
}

/**
 * A task is taken back from its worker and goes on with the same attempt.
 *
 * @param notBefore wall-clock ms; at once unless said
 */
export function planInterruption(
  commit: TaskCommit,
  change: TaskChange,
  waiting: WaitingTasks,
  reason: string,
  now: number,
  notBefore?: number,
): void {
  const ranMs = ranOf(change.task, now);
  const waits = notBefore === undefined ? {} : { nextAttemptAt: notBefore };
  change.set({ ...interruptTask(change.task), ...NEXT_ATTEMPT, queuedAt: now, ...waits });
  change.event('status', { state: 'submitted', ...ran(ranMs), reason });
  change.record(events.taskInterrupted, { reason });
  planWait(commit, change, waiting, notBefore);
}

/** Of an attempt that ends. */
function ran(ranMs: number | undefined): { readonly ranMs?: number } {
  return ranMs === undefined ? {} : { ranMs };
}

function planWait(commit: TaskCommit, change: TaskChange, waiting: WaitingTasks, notBefore?: number): void {
  const { taskId } = change.task;
  change.deletes.push(TASK_KEYS.held + taskId);
  commit.lane((lane) => {
    waiting.add(lane, commit, change, notBefore);
  });
}
