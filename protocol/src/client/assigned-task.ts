import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Errands } from './errands.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { SubmitOptions, Task } from './task.js';
import type { ToolCallOptions, ToolResult } from './tool-caller.js';
import { within } from './within.js';

type Assign = ParamsOf<Methods['task.assign']>;

/** What travels with the input of a task: which attempt it is, under which epoch, for whom. */
export type TaskAssignment = Assign['task'];
/** How large an artifact is by now. */
export type ArtifactSize = ResultOf<Methods['task.artifact']>;

/** What an artifact is besides its content. */
export interface ArtifactOptions {
  readonly name?: string;
  readonly contentType?: string;
}

/**
 * Content of an artifact: bytes, text, or either in pieces as they come. Anything else is kept as JSON, in one chunk that fits a frame.
 */
export type ArtifactContent =
  string | Uint8Array | AsyncIterable<string | Uint8Array> | object | number | boolean | null;

/** How the daemon is told about a task. */
export interface TaskReports {
  progress(progress: { readonly progress?: number; readonly message?: string; readonly spend?: number }): void;
  artifact(artifactId: string, content: ArtifactContent, options: ArtifactOptions): Promise<ArtifactSize>;
  needInput(prompt: unknown, options: NeedInputOptions): Promise<unknown>;
}

/** What kind of input is needed. */
export interface NeedInputOptions {
  /** `auth` when somebody has to authorize something; `input` unless said. */
  readonly kind?: 'input' | 'auth';
  /** JSON Schema of the answer. */
  readonly schema?: object;
}

/** Thrown by a handler that will not do a task, nor should another agent. */
export class TaskRejection extends Error {
  override readonly name = 'TaskRejection';
}

/**
 * A task that an agent is working on. What its handler answers is the task's output; what it throws fails the attempt. The client says
 * that the worker lives, over reconnects, for as long as the handler runs.
 */
export class AssignedTask {
  readonly kind = 'task';
  /** Who waits for a task is told of its progress and artifacts, not of parts of an answer. */
  readonly part: (payload: unknown) => void = () => undefined;
  readonly envelope: TaskAssignment;
  readonly payload: unknown;
  /** Aborted when the task is canceled, another's, or the client closes; a lost connection alone does not abort it. */
  readonly signal: AbortSignal;
  readonly #reports: TaskReports;
  readonly #errands: Errands;

  /** @internal */
  constructor({ task, input }: Assign, signal: AbortSignal, reports: TaskReports, errands: Errands) {
    this.envelope = task;
    this.payload = input;
    this.signal = signal;
    this.#reports = reports;
    this.#errands = errands;
  }

  /**
   * Says how far it is. Several in quick succession become one.
   *
   * @param fraction 0 to 1
   * @param spend what this attempt has spent so far
   */
  progress(fraction: number, message?: string, spend?: number): void {
    const said = { ...(message === undefined ? {} : { message }), ...(spend === undefined ? {} : { spend }) };
    this.#reports.progress({ progress: fraction, ...said });
  }

  /** Adds an artifact, in chunks; resolves once all of it is kept. A lost connection is no interruption. */
  async artifact(artifactId: string, content: ArtifactContent, options: ArtifactOptions = {}): Promise<ArtifactSize> {
    return this.#reports.artifact(artifactId, content, options);
  }

  /** Asks whoever wants the task done, and waits for the answer, however long that takes. */
  async needInput(prompt: unknown, options: NeedInputOptions = {}): Promise<unknown> {
    return this.#reports.needInput(prompt, options);
  }

  /** Asks another agent, canceled with this task, one hop further and under its trace. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#errands.request(to, payload, { ...within(options, this), parentId: this.envelope.taskId });
  }

  /** Sends a message because of this task: in its context and under its trace. */
  async send(to: SendTo, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#errands.send(to, payload, { ...within(options, this), parentId: this.envelope.taskId });
  }

  /** Submits a sub-task: it is canceled with this one, and spends from its budget. */
  async submit(to: Recipient, input: unknown, options: SubmitOptions = {}): Promise<Task> {
    const { taskId, epoch, contextId } = this.envelope;
    const parent = { parentTaskId: taskId, parentEpoch: epoch, ...(contextId === undefined ? {} : { contextId }) };
    return this.#errands.submit(to, input, { ...parent, ...within(options, this) });
  }

  /** Calls a tool because of this task: in its context and under its trace. */
  async callTool(name: string, args: Record<string, unknown> = {}, options: ToolCallOptions = {}): Promise<ToolResult> {
    return this.#errands.callTool(name, args, { ...within(options, this), parentId: this.envelope.taskId });
  }
}
