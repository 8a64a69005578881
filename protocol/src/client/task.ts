import type { Static } from 'typebox';
import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { TaskEvent as TaskEventSchema } from '../methods/task.js';
import { ArtifactReader } from './artifact-reader.js';
import type { CallOptions, Calls } from './calls.js';
import { newKey } from './key.js';
import type { ClientLimits } from './options.js';
import { isPassing } from './passing.js';
import type { Subscriptions } from './subscriptions.js';
import type { Time } from './time.js';

type SubmitParams = ParamsOf<Methods['task.submit']>;

/** A task as those who are party to it see it. */
export type TaskRecord = ResultOf<Methods['task.get']>['task'];
/** Where a task is. */
export type TaskStatus = ResultOf<Methods['task.submit']>;
/** One thing that happened to a task; numbered from 1 without gaps. */
export type TaskEvent = Static<typeof TaskEventSchema>;

/** How a task is submitted. Without an `idempotencyKey` the client makes one, so that a lost connection submits nothing twice. */
export interface SubmitOptions
  extends CallOptions, Omit<SubmitParams, 'to' | 'input' | 'parentTaskId' | 'parentEpoch'> {}

/** What a task needs of the client. */
export interface TaskSurroundings {
  readonly calls: Calls;
  readonly subscriptions: Subscriptions;
  readonly limits: ClientLimits;
  readonly time: Time;
}

/** A task ended otherwise than by being completed. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';

  /** @param task as it ended: `state`, `error` and `reason` say how */
  constructor(readonly task: TaskRecord) {
    super(`Task ${task.taskId} is ${task.state}: ${task.error?.message ?? task.reason ?? 'no reason was given'}`);
  }
}

/** A task that was submitted, as its submitter follows it; everything goes on over reconnects. */
export class Task implements AsyncIterable<TaskEvent> {
  readonly taskId: string;
  readonly #around: TaskSurroundings;
  #result: Promise<unknown> | undefined;

  /** @internal */
  constructor(taskId: string, around: TaskSurroundings) {
    this.taskId = taskId;
    this.#around = around;
  }

  /** What became of it: its output, once it is completed. Rejects with a {@link TaskFailure} when it ended otherwise. */
  get result(): Promise<unknown> {
    return (this.#result ??= this.#awaitResult());
  }

  /** Everything that happens to it, from its first event to its last. */
  [Symbol.asyncIterator](): AsyncGenerator<TaskEvent, void, void> {
    return this.events();
  }

  /**
   * What happens to it, each event once and in order, until its last.
   *
   * @param afterEvent number of the last event that is known already; 0 unless said
   * @throws OrchestratorError `cursor_expired` when events after that one are no longer kept
   */
  async *events(afterEvent = 0, signal?: AbortSignal): AsyncGenerator<TaskEvent, void, void> {
    const { subscriptions } = this.#around;
    const params = { taskId: this.taskId, fromStart: true };
    const events = await subscriptions.open<TaskEvent>({ method: 'task.watch', params }, signal);
    for await (const event of events) {
      if (event.event > afterEvent) yield event;
      if (event.final === true) return;
    }
  }

  /** The task as it is now. */
  async get(): Promise<TaskRecord> {
    return (await this.#get()).task;
  }

  /** Ends it and, unless `cascade` is false, its sub-tasks; who works on it is told. */
  async cancel(reason?: string, { cascade = true }: { readonly cascade?: boolean } = {}): Promise<TaskStatus> {
    return (await this.#call('task.cancel', {
      cascade,
      ...(reason === undefined ? {} : { reason }),
      idempotencyKey: newKey(),
    })) as TaskStatus;
  }

  /** Gives its worker the input that it asked for; the event and the record of the task have the `inputId`. */
  async respond(inputId: string, payload: unknown): Promise<TaskStatus> {
    return (await this.#call('task.respond', { inputId, payload, idempotencyKey: newKey() })) as TaskStatus;
  }

  /** One of its artifacts, read chunk by chunk. @param version the latest unless said */
  artifact(artifactId: string, version?: number): ArtifactReader {
    const which = { artifactId, ...(version === undefined ? {} : { version }) };
    return new ArtifactReader(async (from) => this.#call('task.readArtifact', { ...which, ...from }));
  }

  async #awaitResult(): Promise<unknown> {
    const { task, output } = await this.#ended();
    if (task.state === 'completed') return output;
    throw new TaskFailure(task);
  }

  async #ended(): Promise<ResultOf<Methods['task.get']>> {
    for (;;) {
      const ended = await this.#get(['result']);
      if (ENDS.has(ended.task.state)) return ended;
      await this.#untilItMayHaveEnded();
    }
  }

  /** A connection has so many subscriptions; when all are taken, it is looked at again after a pause. */
  async #untilItMayHaveEnded(): Promise<void> {
    const { limits, time } = this.#around;
    try {
      for await (const event of this.events()) if (event.final === true) return;
    } catch (error) {
      // The record says all the same whether it has ended.
      if (!isPassing(error)) throw error;
      await new Promise<void>((resolve) => time.after(limits.pollMs, resolve));
    }
  }

  async #get(include: readonly 'result'[] = []): Promise<ResultOf<Methods['task.get']>> {
    return (await this.#call('task.get', { include })) as ResultOf<Methods['task.get']>;
  }

  async #call(method: string, params: object): Promise<unknown> {
    return this.#around.calls.start(method, { taskId: this.taskId, ...params }, { ofWork: true });
  }
}

const ENDS: ReadonlySet<TaskRecord['state']> = new Set(['completed', 'failed', 'canceled', 'rejected']);
