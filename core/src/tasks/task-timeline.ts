import type { EntriesPage, TimelineEntry, TimelineItem, TimelineSource } from '../timeline/timeline-source.js';
import { traceOf } from '../timeline/timeline-keys.js';
import { isFinal } from './life-cycle.js';
import type { Task, TaskEvent } from './task.js';
import { timeOf } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskBoard } from './task-board.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';

/** Events that are read at a time; most that are no step, such as progress, are passed over. */
const EVENTS = 1000;

/** Tasks as timelines tell them: each with the steps in the log of its events. */
export class TaskTimeline implements TimelineSource {
  constructor(
    private readonly board: TaskBoard,
    private readonly access: TaskAccess,
  ) {}

  async find(taskId: string): Promise<TimelineItem | undefined> {
    const stored = await this.board.find(taskId);
    if (stored === undefined) return undefined;
    const { task } = stored;
    const { parentTaskId, causationId, contextId, traceparent } = task;
    return {
      kind: 'task',
      id: taskId,
      causeId: parentTaskId ?? causationId,
      contextId,
      traceId: traceOf(traceparent),
      isParty: (principal) => this.access.mayRead(principal, task),
      entries: (from, limit) => this.#entries(task, from, limit),
    };
  }

  /** At 0 is the task, at each other place the event with this number, where that is a step. */
  async #entries(task: Task, from: number, limit: number): Promise<EntriesPage> {
    const found: TimelineEntry[] = from === 0 ? [wholeOf(task)] : [];
    let next = Math.max(1, from);
    if (found.length === limit) return { entries: found, next, more: true };
    const { entries } = await this.board.store.range({
      from: TASK_KEYS.event(task.taskId, next),
      to: keysEnd(TASK_KEYS.events(task.taskId)),
      limit: EVENTS,
    });
    for (const { value } of entries) {
      if (found.length === limit) return { entries: found, next, more: true };
      const event = value as unknown as TaskEvent;
      const step = stepOf(event);
      if (step !== undefined) found.push(stepEntry(task.taskId, event, step));
      next = event.event + 1;
    }
    return { entries: found, next, more: entries.length === EVENTS };
  }
}

function wholeOf(task: Task): TimelineEntry {
  const { taskId, state, attempt, agent, by, createdAt, endedAt, to } = task;
  return {
    id: `task/${taskId}`,
    kind: 'task',
    at: timeOf(createdAt),
    ...(endedAt === undefined ? {} : { durationMs: Math.max(0, endedAt - createdAt) }),
    ...(isFinal(state) ? { outcome: state } : {}),
    principal: by.id,
    ...(agent === undefined ? ('agent' in to ? { agent: to.agent } : {}) : { agent }),
    ...(attempt === 0 ? {} : { attempt }),
    details: { state, ...('skill' in to ? { skill: to.skill } : {}) },
  };
}

/** What kind of step an event is; none for its submission, which the task itself tells, for progress, and for artifacts half there. */
function stepOf({ type, event, state, final, kind, last }: TaskEvent): string | undefined {
  if (type === 'status') {
    if (final === true) return 'ended';
    if (state === 'working') return 'assigned';
    return event === 1 ? undefined : 'interrupted';
  }
  if (type === 'input') return kind === 'answer' ? 'inputGiven' : 'inputRequired';
  if (type === 'artifact') return last === true ? 'artifact' : undefined;
  return type === 'progress' ? undefined : type;
}

function stepEntry(taskId: string, event: TaskEvent, step: string): TimelineEntry {
  const { at, attempt, agent, state, error, ranMs, artifactId, version, nextAttemptAt } = event;
  return {
    id: `task/${taskId}/step/${String(event.event)}`,
    cause: `task/${taskId}`,
    kind: 'step',
    at,
    ...(ranMs === undefined ? {} : { durationMs: ranMs }),
    ...(step === 'ended' && state !== undefined ? { outcome: state } : {}),
    ...(step === 'attemptFailed' ? { outcome: 'failed' } : {}),
    ...(agent === undefined ? {} : { agent }),
    ...(attempt === 0 ? {} : { attempt }),
    details: {
      step,
      ...(error === undefined ? {} : { error: error.name }),
      ...(artifactId === undefined ? {} : { artifactId }),
      ...(version === undefined ? {} : { version }),
      ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
    },
  };
}
