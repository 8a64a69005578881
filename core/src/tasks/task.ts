import { isoTime } from '../host/iso-time.js';
import type { messageMethods, taskMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { Principal } from '../permissions/principal.js';
import type { LanePlace } from '../lanes/lane-entry.js';
import { traceOf } from '../timeline/timeline-keys.js';
import type { TimelineLinks } from '../timeline/timeline-keys.js';
import type { Course } from './life-cycle.js';
import type { TaskLimits } from './task-limits.js';

/** Who a task is for, as its requester said. */
export type Recipient = Static<typeof messageMethods.Recipient>;
/** Why an attempt or a task failed. */
export type TaskError = Static<typeof taskMethods.TaskError>;
/** Where a task is, as callers see it. */
export type TaskStatus = Static<typeof taskMethods.TaskStatus>;
/** A task as callers see it. */
export type TaskRecord = Static<typeof taskMethods.TaskRecord>;
/** One thing that happened to a task. */
export type TaskEvent = Static<typeof taskMethods.TaskEvent>;
/** What a worker is given. */
export type TaskAssignment = Static<typeof taskMethods.TaskAssignment>;
/** Something that a worker asked for and has not got yet. */
export type InputRequest = Static<typeof taskMethods.TaskInputRequest>;
type TimeLimits = Static<typeof taskMethods.TimeLimits>;
type RetryPolicy = Static<typeof taskMethods.RetryPolicy>;

/** Through what a task came about: messages and tasks, so that a loop of both ends. */
export interface TaskOrigin {
  /** Messages and tasks before it. */
  readonly hops: number;
  /** The agents that they went to, first one first. */
  readonly chain: readonly string[];
  /** The message or task that all began with. */
  readonly rootId: string;
}

/** A task as it is stored; what was not asked for is not in it. Times are wall-clock ms. */
export interface Task extends Course {
  readonly taskId: string;
  /** Who submitted it, as the credential said then. */
  readonly by: Pick<Principal, 'id' | 'kind' | 'roles'>;
  /** Who submitted the task that this one descends from; not there when that is the same. */
  readonly rootBy?: string;
  readonly to: Recipient;
  readonly title?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly contextId?: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
  /** Message or task because of which it was submitted. */
  readonly causationId?: string;
  /** Not there for a task that neither a message nor a task brought about. */
  readonly origin?: TaskOrigin;
  readonly parentTaskId?: string;
  /** Not there for a task without a parent. */
  readonly rootTaskId?: string;
  readonly depth: number;
  readonly children: number;
  readonly fanOut?: number;
  /** Of a task without a parent: how many descend from it. */
  readonly tree?: number;
  readonly priority: number;
  readonly limits?: TimeLimits;
  readonly retry?: RetryPolicy;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when it waits, or waited last. */
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly nextAttemptAt?: number;
  readonly agent?: string;
  /** Principal of the agent that has it, or had it last. */
  readonly worker?: string;
  /** Working time of this attempt before `runningSince`. */
  readonly ranMs?: number;
  readonly runningSince?: number;
  readonly progress?: number;
  readonly message?: string;
  readonly error?: TaskError;
  readonly reason?: string;
  /** By it and its sub-tasks, all attempts. */
  readonly spent?: number;
  /** Of that by this attempt. */
  readonly attemptSpent?: number;
  /** `reserved` is what sub-tasks may still spend of it. */
  readonly budget?: { readonly spend: number; readonly reserved: number };
  /** The task whose budget it draws on: its own reservation of it, or directly. */
  readonly budgetOf?: string;
  readonly inputs?: readonly InputRequest[];
  /** Inputs that this attempt got. */
  readonly answered?: readonly string[];
  /** Its last event. */
  readonly events: number;
  readonly artifacts?: number;
  readonly artifactBytes?: number;
  readonly late?: number;
  readonly inputBytes: number;
  /** Its context was erased, and with it all content of the task. */
  readonly erased?: boolean;
  /** Where it waits. */
  readonly place?: LanePlace;
  /** Some agents that would fit may not be used by its requester. */
  readonly restricted?: boolean;
  /** Principals of agents that had it before. */
  readonly pastWorkers?: readonly string[];
  /** A worker was lost with it: it is worked on alone from then on, so that it takes no others with it if it was to blame. */
  readonly suspect?: boolean;
}

/** A task with the revision of its record. */
export interface StoredTask {
  readonly task: Task;
  readonly revision: number;
}

/** The time limits that hold for a task, ms. */
export function limitsOf({ limits }: Task, defaults: TaskLimits) {
  const { queuedMs, runningMs, totalMs } = defaults;
  return { queuedMs, runningMs, totalMs, ...limits };
}

/** The retry policy that holds for a task. */
export function retryOf({ retry }: Task, defaults: TaskLimits) {
  const { maxAttempts, backoffMs, backoffMaxMs } = defaults;
  return { maxAttempts, backoffMs, backoffMaxMs, ...retry };
}

/** When the total time of a task is over, wall-clock ms. */
export function deadlineOf(task: Task, defaults: TaskLimits): number {
  return task.createdAt + limitsOf(task, defaults).totalMs;
}

/** Where a task is, as callers see it. */
export function statusOf(task: Task): TaskStatus {
  const { taskId, state, attempt, epoch, agent, updatedAt } = task;
  return { taskId, state, attempt, epoch, ...(agent === undefined ? {} : { agent }), updatedAt: timeOf(updatedAt) };
}

/** A task as callers see it. */
export function recordOf(task: Task, defaults: TaskLimits): TaskRecord {
  const { by, to, depth, children, priority, createdAt, startedAt, endedAt, nextAttemptAt, interrupted } = task;
  const {
    title,
    labels,
    contextId,
    correlationId,
    causationId,
    parentTaskId,
    progress,
    message,
    error,
    reason,
    inputs,
  } = task;
  const { spent, budget, traceparent } = task;
  return defined({
    ...statusOf(task),
    from: by.id,
    to,
    title,
    labels,
    contextId,
    correlationId,
    causationId,
    parentTaskId,
    rootTaskId: rootOf(task),
    depth,
    children,
    priority,
    limits: limitsOf(task, defaults),
    retry: retryOf(task, defaults),
    createdAt: timeOf(createdAt),
    startedAt: startedAt === undefined ? undefined : timeOf(startedAt),
    endedAt: endedAt === undefined ? undefined : timeOf(endedAt),
    nextAttemptAt: nextAttemptAt === undefined ? undefined : timeOf(nextAttemptAt),
    interrupted,
    progress,
    message,
    error,
    reason,
    spent,
    budget,
    inputs: inputs === undefined ? undefined : [...inputs],
    traceId: traceOf(traceparent),
  }) as TaskRecord;
}

/** What the worker of a task is told of it. */
export function assignmentOf(task: Task, agent: string, leaseMs: number, runningMs: number): TaskAssignment {
  const { taskId, attempt, epoch, by, to, title, labels, contextId, correlationId, parentTaskId, depth } = task;
  const { budget, spent, traceparent } = task;
  return defined({
    taskId,
    attempt,
    epoch,
    leaseMs,
    runningMs,
    from: by.id,
    to: agent,
    skill: 'skill' in to ? to.skill : undefined,
    title,
    labels,
    contextId,
    correlationId,
    parentTaskId,
    rootTaskId: rootOf(task),
    depth,
    budget,
    spent,
    traceparent,
  }) as TaskAssignment;
}

/** How long the attempt that a task is in was worked on, without the time it waited for input; undefined between attempts. */
export function ranOf({ ranMs, runningSince }: Task, now: number): number | undefined {
  if (runningSince === undefined) return ranMs === undefined ? undefined : Math.round(ranMs);
  return Math.round((ranMs ?? 0) + Math.max(0, now - runningSince));
}

/** The task that it descends from; itself if it has no parent. */
export function rootOf({ taskId, rootTaskId }: Task): string {
  return rootTaskId ?? taskId;
}

/** What timelines find it by. */
export function linksOf({ taskId, parentTaskId, causationId, traceparent }: Task): TimelineLinks {
  // A sub-task is found by its parent.
  const cause = parentTaskId === undefined ? causationId : undefined;
  return { kind: 'task', id: taskId, causationId: cause, traceId: traceOf(traceparent) };
}

/** RFC 3339, UTC. */
export function timeOf(ms: number): string {
  return isoTime(ms);
}

function defined(members: Readonly<Record<string, unknown>>): unknown {
  const kept: Record<string, unknown> = {};
  for (const name in members) if (members[name] !== undefined) kept[name] = members[name];
  return kept;
}
