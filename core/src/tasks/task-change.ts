import type { DetailsOf, EventDeclaration } from '@ai-orchestrator/protocol';
import { DAEMON } from '../permissions/principal.js';
import type { EventDraft } from '../store/record.js';
import type { Commit, JsonValue, Put } from '../store/store.js';
import { traceOf } from '../timeline/timeline-keys.js';
import { isFinal, moveTask } from './life-cycle.js';
import type { TaskActor, TaskState } from './life-cycle.js';
import type { StoredTask, Task, TaskEvent } from './task.js';
import { timeOf } from './task.js';
import { taskCopy } from './task-copy.js';
import { TASK_KEYS } from './task-keys.js';

/** Members to set; `undefined` takes one away. */
export type TaskFields = { readonly [K in keyof Task]?: Task[K] | undefined };

type EventFields = Omit<TaskEvent, 'event' | 'at' | 'type' | 'attempt'>;
/** What an event of the journal says beside what every event of a task does. */
type Details<E extends EventDeclaration> = Omit<DetailsOf<E>, 'attempt' | 'agent' | 'parentTaskId' | 'contextId'>;

/** One change of one task: its record, its events and those of the journal, and whatever else belongs to the same commit. */
export class TaskChange {
  readonly puts: Put[] = [];
  readonly deletes: string[] = [];
  /** The artifact of which a version became complete. */
  artifact: string | undefined;
  readonly #events: EventDraft[] = [];
  /** Its own copy. */
  #task: Omit<Task, 'events'> & { events: number };

  /**
   * @param revision of its record; 0 for a new one
   * @param principal who changes it
   * @param keptEvents events kept of a task
   */
  constructor(
    readonly before: Task,
    readonly revision: number,
    private readonly now: number,
    readonly principal: string,
    private readonly keptEvents: number,
  ) {
    this.#task = taskCopy(before, now);
  }

  /** As it is after the change. */
  get task(): Task {
    return this.#task;
  }

  /** Puts another record in the place of the task's. */
  replace(task: Task): void {
    this.#task = taskCopy(task, this.now);
  }

  set(fields: TaskFields): void {
    this.#task = { ...this.#task, ...(fields as Partial<Task>) };
  }

  /** @throws OrchestratorError `task_state` */
  move(to: TaskState, actor: TaskActor, fields: TaskFields = {}): void {
    const course = moveTask(this.#task, to, actor);
    // A course that is not interrupted does not say so.
    this.set({ interrupted: undefined, ...course, ...(isFinal(to) ? { endedAt: this.now } : {}), ...fields });
  }

  /** Adds an event to the task's own log. */
  event(type: TaskEvent['type'], fields: EventFields): void {
    if (type === 'artifact' && fields.last === true) this.artifact = fields.artifactId;
    const event = this.#task.events + 1;
    const { taskId, attempt } = this.#task;
    const head = `{"event":${String(event)},"at":"${timeOf(this.now)}","type":"${type}","attempt":${String(attempt)}`;
    const rest = JSON.stringify(fields).slice(1);
    this.puts.push({ key: TASK_KEYS.event(taskId, event), text: rest === '}' ? `${head}}` : `${head},${rest}` });
    if (event > this.keptEvents) this.deletes.push(TASK_KEYS.event(taskId, event - this.keptEvents));
    this.#task.events = event;
  }

  /** Adds a record to the journal. */
  record<E extends EventDeclaration>(
    { name }: E,
    details: Details<E> & Readonly<Record<string, JsonValue | undefined>>,
    contentHash?: string,
  ): void {
    const { taskId, attempt, agent, parentTaskId, contextId, by, traceparent } = this.#task;
    const traceId = traceOf(traceparent);
    const acting = this.principal === by.id || this.principal === DAEMON.id;
    this.#events.push({
      action: name,
      resource: `task/${taskId}`,
      principal: this.principal,
      ...(acting ? {} : { onBehalfOf: [by.id] }),
      ...(name === 'task.failed' || name === 'task.attemptFailed' ? { outcome: 'failure' } : {}),
      detailsText: JSON.stringify({ attempt, agent, parentTaskId, contextId, ...details }),
      contentHash,
      traceId,
    });
  }

  /** Everything of it, to be committed with whatever else. */
  get commit(): Required<Commit> {
    const key = TASK_KEYS.record(this.#task.taskId);
    return {
      // A new task has an id that nobody had before.
      checks: this.revision === 0 ? [] : [{ key, revision: this.revision }],
      puts: [{ key, text: JSON.stringify(this.#task) }, ...this.puts],
      deletes: this.deletes,
      events: this.#events,
    };
  }

  /** The task as it is once this has been committed. */
  stored(revision: number): StoredTask {
    return { task: this.#task, revision };
  }
}
