import { OrchestratorError } from '../error.js';
import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { artifactChunks } from './artifact-chunks.js';
import { AssignedTask, TaskRejection, type ArtifactSize, type TaskReports } from './assigned-task.js';
import { ConnectionError } from './connection-error.js';
import type { IntakeSurroundings } from './intake.js';
import { newKey } from './key.js';
import { persist } from './persist.js';
import type { Timer } from './time.js';

type Assign = ParamsOf<Methods['task.assign']>;
type Input = ParamsOf<Methods['task.input']>;
type Heartbeat = ResultOf<Methods['task.heartbeat']>;
type Progress = Parameters<TaskReports['progress']>[0];

/** A third of the lease, so that two signs of life may be lost. */
const HEARTBEATS_A_LEASE = 3;

/** One attempt at a task. */
interface Attempt {
  readonly taskId: string;
  readonly epoch: number;
  readonly abort: AbortController;
  readonly heartbeats: Timer;
  /** Input that came; by the id of what asked for it. */
  readonly inputs: Map<string, unknown>;
  readonly awaited: Map<string, (payload: unknown) => void>;
  /** Said while an earlier one is under way; only the newest matters. */
  nextProgress: Progress | undefined;
  telling: boolean;
}

/**
 * The tasks that one agent works on. The daemon hears of each while its handler runs, over reconnects; its outcome is told until the
 * daemon has answered.
 */
export class Workbench {
  readonly #around: IntakeSurroundings;
  readonly #work: (task: AssignedTask) => Promise<unknown>;
  readonly #attempts = new Map<string, Attempt>();
  #online = false;
  #idle: (() => void)[] = [];

  /** @param work does a task, and answers its output */
  constructor(around: IntakeSurroundings, work: (task: AssignedTask) => Promise<unknown>) {
    this.#around = around;
    this.#work = work;
  }

  /** There is a connection again: every task is taken up on it. */
  connected(): void {
    this.#online = true;
    for (const attempt of this.#attempts.values()) this.#beat(attempt);
  }

  lost(): void {
    this.#online = false;
  }

  /** Aborts everything. */
  close(): void {
    for (const { abort } of this.#attempts.values()) abort.abort(new ConnectionError('closed'));
  }

  /** Resolves once nothing is being worked on. */
  async idle(): Promise<void> {
    if (this.#attempts.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Accepts a task. An earlier attempt at it that is still going on is over with that. */
  assign(params: Assign): null {
    const { taskId, epoch, leaseMs } = params.task;
    const earlier = this.#attempts.get(taskId);
    if (earlier?.epoch === epoch) return null;
    earlier?.abort.abort(new OrchestratorError('stale_attempt'));
    const attempt: Attempt = {
      taskId,
      epoch,
      abort: new AbortController(),
      heartbeats: this.#around.time.every(leaseMs / HEARTBEATS_A_LEASE, () => this.#beat(attempt)),
      inputs: new Map(),
      awaited: new Map(),
      nextProgress: undefined,
      telling: false,
    };
    this.#attempts.set(taskId, attempt);
    void this.#run(attempt, params);
    return null;
  }

  /** Input came that a handler had asked for. */
  input({ taskId, inputId, payload }: Input): void {
    const attempt = this.#attempts.get(taskId);
    if (attempt) give(attempt, inputId, payload);
  }

  /** A task is not to be worked on any more. */
  canceled({ taskId, epoch, reason }: ParamsOf<Methods['task.canceled']>): void {
    const attempt = this.#attempts.get(taskId);
    if (attempt?.epoch === epoch) attempt.abort.abort(new OrchestratorError('canceled', reason));
  }

  async #run(attempt: Attempt, params: Assign): Promise<void> {
    const { signal } = attempt.abort;
    const reports: TaskReports = {
      progress: (progress) => this.#progress(attempt, progress),
      artifact: (artifactId, content, options) => this.#artifact(attempt, artifactId, content, options),
      needInput: (prompt, options) => this.#needInput(attempt, prompt, options),
    };
    try {
      const outcome = await this.#outcome(new AssignedTask(params, signal, reports, this.#around.errands));
      // Nobody asks any more how it went when it was aborted.
      if (!signal.aborted) await this.#tell(attempt, ...outcome);
    } catch (error) {
      this.#endIfOver(attempt, error, 'the outcome of a task');
    } finally {
      attempt.heartbeats.cancel();
      if (this.#attempts.get(attempt.taskId) === attempt) this.#attempts.delete(attempt.taskId);
      if (this.#attempts.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #outcome(task: AssignedTask): Promise<Outcome> {
    try {
      const output = await this.#work(task);
      return ['task.complete', output === undefined ? {} : { output }];
    } catch (error) {
      if (error instanceof TaskRejection) return ['task.reject', { reason: error.message }];
      return ['task.fail', { error: this.#told(error, task.signal) }];
    }
  }

  /** What was not meant to be told is reported here, and told as no more than that it happened. */
  #told(error: unknown, { aborted }: AbortSignal): ParamsOf<Methods['task.fail']>['error'] {
    if (error instanceof OrchestratorError) {
      return { name: error.errorName, message: error.message, retryable: error.data.retryable };
    }
    if (!aborted) this.#around.report(error, 'task.assign');
    return { name: 'internal_error', message: 'The worker failed', retryable: true };
  }

  /** Tells an outcome until the daemon has answered; the same key makes it one outcome however often it is told. */
  async #tell(attempt: Attempt, ...[method, outcome]: Outcome): Promise<void> {
    const { taskId, epoch } = attempt;
    await this.#persist(attempt, method, { taskId, epoch, ...outcome, idempotencyKey: newKey() });
  }

  async #persist(attempt: Attempt, method: string, params: object): Promise<unknown> {
    const { calls } = this.#around;
    return persist(() => calls.start(method, params, { ofWork: true }), attempt.abort.signal, this.#around);
  }

  #progress(attempt: Attempt, progress: Progress): void {
    attempt.nextProgress = { ...attempt.nextProgress, ...progress };
    if (!attempt.telling) void this.#tellProgress(attempt);
  }

  async #tellProgress(attempt: Attempt): Promise<void> {
    const { taskId, epoch } = attempt;
    attempt.telling = true;
    try {
      while (attempt.nextProgress && !attempt.abort.signal.aborted) {
        const progress = attempt.nextProgress;
        attempt.nextProgress = undefined;
        await this.#persist(attempt, 'task.progress', { taskId, epoch, ...progress });
      }
    } catch (error) {
      this.#endIfOver(attempt, error, 'task.progress');
    } finally {
      attempt.telling = false;
    }
  }

  async #artifact(attempt: Attempt, artifactId: string, ...rest: ArtifactArguments): Promise<ArtifactSize> {
    const [content, options] = rest;
    const { taskId, epoch } = attempt;
    let number = 0;
    let size: ArtifactSize = { version: 1, chunks: 0, bytes: 0 };
    for await (const chunk of artifactChunks(content, this.#around.limits.artifactChunkBytes)) {
      // After the first, the daemon says which version they belong to.
      const version = number === 0 ? {} : { version: size.version };
      const params = { taskId, epoch, artifactId, ...options, ...version, ...chunk, chunk: number };
      size = (await this.#persist(attempt, 'task.artifact', params)) as ArtifactSize;
      number += 1;
    }
    return size;
  }

  async #needInput(attempt: Attempt, ...[prompt, { kind = 'input', schema }]: InputArguments): Promise<unknown> {
    const { taskId, epoch } = attempt;
    const params = { taskId, epoch, kind, prompt, ...(schema ? { schema } : {}), idempotencyKey: newKey() };
    const { inputId } = (await this.#persist(attempt, 'task.needInput', params)) as ResultOf<Methods['task.needInput']>;
    const { signal } = attempt.abort;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const take = (payload: unknown) => {
        signal.removeEventListener('abort', onAbort);
        resolve(payload);
      };
      // It may have come before the answer that says which it is.
      if (attempt.inputs.has(inputId)) take(attempt.inputs.get(inputId));
      else attempt.awaited.set(inputId, take);
    });
  }

  #beat(attempt: Attempt): void {
    if (!this.#online) return;
    const { taskId, epoch } = attempt;
    const heard = this.#around.calls.start('task.heartbeat', { taskId, epoch }, { ofWork: true, resumes: true });
    heard.then(
      (answer) => {
        const { cancelRequested, inputs } = answer as Heartbeat;
        if (cancelRequested) attempt.abort.abort(new OrchestratorError('canceled'));
        for (const { inputId, payload } of inputs) give(attempt, inputId, payload);
      },
      (error: unknown) => this.#endIfOver(attempt, error, 'task.heartbeat'),
    );
  }

  /** What the daemon refuses for good ends the attempt: its task is another's, canceled, or over. */
  #endIfOver(attempt: Attempt, error: unknown, where: string): void {
    if (attempt.abort.signal.aborted || error instanceof ConnectionError) return;
    if (error instanceof OrchestratorError && !error.data.retryable) attempt.abort.abort(error);
    else this.#around.report(error, where);
  }
}

/** How an attempt ended, as it is told. */
type Outcome = ['task.complete' | 'task.fail' | 'task.reject', object];
type ArtifactArguments = Parameters<TaskReports['artifact']> extends [string, ...infer Rest] ? Rest : never;
type InputArguments = Parameters<TaskReports['needInput']>;

function give(attempt: Attempt, inputId: string, payload: unknown): void {
  const take = attempt.awaited.get(inputId);
  attempt.awaited.delete(inputId);
  if (take) take(payload);
  else attempt.inputs.set(inputId, payload);
}
