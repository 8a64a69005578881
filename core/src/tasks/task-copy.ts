import type { Task } from './task.js';

type Whole = { readonly [K in keyof Task]-?: Task[K] | undefined };

/**
 * A copy of a task that has every member, in one order, `undefined` where there is none; stored as JSON those are not there. A member that
 * is added to an object later takes about a microsecond, and a task gets a dozen of them on its way.
 *
 * @param updatedAt of the copy, wall-clock ms
 */
export function taskCopy(task: Task, updatedAt: number): Task {
  const copy: Whole = {
    state: task.state,
    attempt: task.attempt,
    epoch: task.epoch,
    interrupted: task.interrupted,
    taskId: task.taskId,
    by: task.by,
    rootBy: task.rootBy,
    to: task.to,
    title: task.title,
    labels: task.labels,
    contextId: task.contextId,
    correlationId: task.correlationId,
    traceparent: task.traceparent,
    causationId: task.causationId,
    origin: task.origin,
    parentTaskId: task.parentTaskId,
    rootTaskId: task.rootTaskId,
    depth: task.depth,
    children: task.children,
    fanOut: task.fanOut,
    tree: task.tree,
    priority: task.priority,
    limits: task.limits,
    retry: task.retry,
    createdAt: task.createdAt,
    updatedAt,
    queuedAt: task.queuedAt,
    startedAt: task.startedAt,
    endedAt: task.endedAt,
    nextAttemptAt: task.nextAttemptAt,
    agent: task.agent,
    worker: task.worker,
    ranMs: task.ranMs,
    runningSince: task.runningSince,
    progress: task.progress,
    message: task.message,
    error: task.error,
    reason: task.reason,
    spent: task.spent,
    attemptSpent: task.attemptSpent,
    budget: task.budget,
    budgetOf: task.budgetOf,
    inputs: task.inputs,
    answered: task.answered,
    events: task.events,
    artifacts: task.artifacts,
    artifactBytes: task.artifactBytes,
    late: task.late,
    inputBytes: task.inputBytes,
    erased: task.erased,
    place: task.place,
    restricted: task.restricted,
    pastWorkers: task.pastWorkers,
    suspect: task.suspect,
  };
  return copy as Task;
}
