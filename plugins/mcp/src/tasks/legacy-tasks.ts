import type { Cancellation, Log, Principal, ToolExchange } from '@ai-orchestrator/core/plugin';
import { textOf } from '../downstream/members.js';
import { CODE } from '../downstream/protocol.js';
import { invalidParams, RpcError } from '../downstream/rpc-error.js';
import { isObject, type JsonObject } from '../upstream/json.js';
import type { OwnTasks } from './own-tasks.js';
import { isOver, type WireTask } from './task-wire.js';

/** The revision that has tasks in its core; older ones have none, newer ones the extension. */
const REVISION = '2025-11-25';
const RELATED = 'io.modelcontextprotocol/related-task';

type Ask = NonNullable<ToolExchange['ask']>;

/** Who asks about a task, in a session. */
export interface TaskAsker {
  readonly principal: Principal;
  /** Puts a question to the client; not there when it answers none, or not now. */
  readonly ask: Ask | undefined;
  readonly signal: Cancellation;
}

/** Tasks of revision 2025-11-25, which clients ask for [MCP 2025-11-25, basic/utilities/tasks]: those of ours, for calls of skills. */
export class LegacyTasks {
  /**
   * @param offered whether there are tools whose calls can become tasks
   * @param pollMs how often clients are to ask for one
   */
  constructor(
    private readonly own: OwnTasks,
    private readonly offered: boolean,
    private readonly keepMs: number,
    private readonly pollMs: number,
    private readonly log: Log,
  ) {}

  /** What is declared to a client of a revision. */
  capabilities(revision: string): JsonObject {
    if (!this.#has(revision)) return {};
    return { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
  }

  /** Whether a call is to become a task; what is said to who was not told of tasks is passed over. */
  isWanted(revision: string, { task }: JsonObject): boolean {
    return isObject(task) && this.#has(revision);
  }

  /** What a call that became a task is answered. */
  begun(task: JsonObject): JsonObject {
    return { task: { ...task, ttl: this.keepMs, pollInterval: this.pollMs } };
  }

  /** The result of a method of tasks; `undefined` for other methods. @throws RpcError -32602, or the error that a task ended with */
  async answer(
    revision: string,
    method: string,
    params: JsonObject,
    asker: TaskAsker,
  ): Promise<JsonObject | undefined> {
    if (!method.startsWith('tasks/') || !this.#has(revision)) return undefined;
    const { principal } = asker;
    const answers = asker.ask !== undefined;
    if (method === 'tasks/list') {
      const { cursor } = params;
      const page = await this.own.list(principal, typeof cursor === 'string' ? cursor : undefined, answers);
      const tasks = page.tasks.map((task) => this.#shown(task));
      return { tasks, ...(page.cursor !== undefined && { nextCursor: page.cursor }) };
    }
    const { taskId } = params;
    if (typeof taskId !== 'string') throw invalidParams('params.taskId is missing: say which task');
    switch (method) {
      case 'tasks/get':
        return this.#shown(await this.own.get(principal, taskId, answers));
      case 'tasks/cancel':
        return this.#cancel(principal, taskId);
      case 'tasks/result':
        return this.#result(taskId, asker);
      default:
        return undefined;
    }
  }

  async #cancel(principal: Principal, taskId: string): Promise<JsonObject> {
    const { status } = await this.own.get(principal, taskId, true);
    if (isOver(status)) throw invalidParams(`the task is ${status} already`);
    await this.own.cancel(principal, taskId);
    return this.#shown(await this.own.get(principal, taskId, true));
  }

  /** Waits until the task is over; whatever it asks for meanwhile is put to the client, for as long as it is asked. */
  async #result(taskId: string, { principal, ask, signal }: TaskAsker): Promise<JsonObject> {
    const over = new AbortController();
    const questions = new Map<string, AbortController>();
    let refused: { readonly error: unknown } | undefined;
    const canceled = (): void => over.abort(signal.reason);
    signal.addEventListener('abort', canceled);
    if (signal.aborted) canceled();
    try {
      for await (const task of this.own.follow(principal, taskId, ask !== undefined, over.signal)) {
        if (isOver(task.status)) return resultOf(task);
        const asked = isObject(task.detail.inputRequests) ? task.detail.inputRequests : {};
        for (const [key, question] of questions) if (!Object.hasOwn(asked, key)) question.abort('it was answered');
        for (const [key, question] of Object.entries(asked)) {
          if (questions.has(key) || ask === undefined || !isObject(question)) continue;
          const answered = new AbortController();
          questions.set(key, answered);
          this.#put(ask, taskId, question, answered.signal)
            .then(async (answer) => {
              if (answer !== undefined) await this.own.update(principal, taskId, { [key]: answer });
            })
            .catch((error: unknown) => {
              refused = { error };
              over.abort('an answer was refused');
            });
        }
      }
    } finally {
      signal.removeEventListener('abort', canceled);
      over.abort('nobody waits any more');
      for (const question of questions.values()) question.abort('nobody waits any more');
    }
    if (refused !== undefined) throw refused.error;
    throw new RpcError(CODE.internal, 'the request was canceled; the task goes on');
  }

  /** A question that the client does not answer leaves the task waiting. */
  async #put(
    ask: Ask,
    taskId: string,
    { method, params }: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject | undefined> {
    const asked = { ...(isObject(params) ? params : {}), _meta: { [RELATED]: { taskId } } };
    try {
      return await ask(textOf(method), asked, signal);
    } catch (error) {
      this.log.debug({ err: error, taskId }, 'a question of a task was not answered');
      return undefined;
    }
  }

  #shown({ taskId, status, statusMessage, createdAt, lastUpdatedAt, ttlMs }: WireTask): JsonObject {
    const said = statusMessage === undefined ? {} : { statusMessage };
    return { taskId, status, ...said, createdAt, lastUpdatedAt, ttl: ttlMs, pollInterval: this.pollMs };
  }

  #has(revision: string): boolean {
    return this.offered && revision === REVISION;
  }
}

/** What the call would have been answered. @throws RpcError */
function resultOf({ taskId, detail: { result, error }, status, statusMessage }: WireTask): JsonObject {
  if (isObject(result)) return { ...result, _meta: { [RELATED]: { taskId } } };
  if (!isObject(error))
    throw new RpcError(CODE.internal, `the task is ${status}: ${statusMessage ?? 'no reason was given'}`);
  throw new RpcError(Number(error.code), textOf(error.message), error.data);
}
