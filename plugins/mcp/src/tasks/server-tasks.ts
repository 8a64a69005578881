import type { Cancellation, Principal, Tools } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { providerOf } from '../downstream/catalogue.js';
import { questionsOf } from '../downstream/client-capabilities.js';
import { CODE } from '../downstream/protocol.js';
import { RpcError } from '../downstream/rpc-error.js';
import { isObject, type JsonObject, type JsonValue } from '../upstream/json.js';
import type { Upstreams } from '../upstream/upstream.js';
import { noTask } from './own-tasks.js';
import type { ServerTask, TaskIds } from './task-ids.js';

const STATUS: ReadonlySet<unknown> = new Set(['working', 'input_required', 'completed', 'failed', 'cancelled']);
/** A longer id of a server's would not fit into a header. */
const MAX_ID = 1_024;
const MAX_MESSAGE = 4_096;

/** What one request about a task is made with. */
export interface AboutTask {
  readonly principal: Principal;
  readonly clientCapabilities: JsonObject;
  readonly signal: Cancellation;
}

/** Tasks of modern servers behind us, which stay where they are: what a client asks of one is asked of its server. */
export class ServerTasks {
  /** @param timeoutMs of one request */
  constructor(
    private readonly ids: TaskIds,
    private readonly tools: Tools,
    private readonly upstreams: Upstreams,
    private readonly timeoutMs: number,
  ) {}

  /** A task that a server began for a call, under an id of ours. @throws RpcError -32603 when it is none */
  async begun(principal: Principal, server: string, tool: string, task: JsonObject): Promise<JsonObject> {
    const { taskId } = task;
    if (typeof taskId !== 'string' || taskId === '' || taskId.length > MAX_ID) throw malformed();
    return { ...shownTask(task), taskId: await this.ids.seal(principal, { server, taskId, tool }) };
  }

  /** @throws RpcError -32602, or what the server answers; OrchestratorError `unavailable` */
  async get(id: string, about: AboutTask): Promise<JsonObject> {
    const result = await this.#ask('tasks/get', id, {}, about);
    return { ...shownTask(result), ...detailOf(result), taskId: id };
  }

  /** @throws as {@link get} */
  async update(id: string, inputResponses: JsonObject, about: AboutTask): Promise<void> {
    await this.#ask('tasks/update', id, { inputResponses }, about);
  }

  /** @throws as {@link get} */
  async cancel(id: string, about: AboutTask): Promise<void> {
    await this.#ask('tasks/cancel', id, {}, about);
  }

  async #ask(method: string, id: string, params: JsonObject, about: AboutTask): Promise<JsonObject> {
    const { principal, clientCapabilities, signal } = about;
    const task = await this.ids.open(principal, id);
    const upstream = task === undefined ? undefined : this.upstreams.get(task.server);
    if (task === undefined || upstream === undefined) throw noTask();
    if (upstream.state !== 'ready') {
      throw new OrchestratorError('unavailable', 'the server that has this task is away; try again');
    }
    this.#permit(principal, task);
    const answer = await upstream.request(
      method,
      { taskId: task.taskId, ...params },
      { timeoutMs: this.timeoutMs, signal, caller: principal, clientCapabilities },
    );
    if (answer.kind === 'result') return answer.result;
    // What the server calls the task is not for the client; its data is left out, since it may be called so in there. Cut before and after,
    // since an id of one character can be in a long text many times.
    const message = answer.message.slice(0, MAX_MESSAGE).replaceAll(task.taskId, id);
    throw new RpcError(answer.code, message.slice(0, MAX_MESSAGE));
  }

  /** Who may not call the tool any more has lost what it began. @throws RpcError -32602 */
  #permit(principal: Principal, { server, tool }: ServerTask): void {
    const found = this.tools.find(principal, tool);
    if (found?.provider !== providerOf(server) || !this.tools.mayCall(principal, found)) throw noTask();
  }
}

/** What every task says, and nothing else of what the server sent. @throws RpcError -32603 */
function shownTask(task: JsonObject): JsonObject {
  const { status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = task;
  if (!STATUS.has(status) || typeof createdAt !== 'string' || typeof lastUpdatedAt !== 'string') throw malformed();
  return {
    status: status as JsonValue,
    ...(typeof statusMessage === 'string' && { statusMessage: statusMessage.slice(0, MAX_MESSAGE) }),
    createdAt,
    lastUpdatedAt,
    ttlMs: Number.isSafeInteger(ttlMs) ? (ttlMs as number) : null,
    ...(Number.isSafeInteger(pollIntervalMs) && { pollIntervalMs: pollIntervalMs as number }),
  };
}

/** What a task has besides in the status that it has. @throws RpcError -32603 */
function detailOf({ status, inputRequests, result, error }: JsonObject): JsonObject {
  if (status === 'completed' && isObject(result)) return { result };
  if (status === 'failed' && isObject(error)) return { error };
  if (status === 'input_required' && isObject(inputRequests)) {
    questionsOf(inputRequests);
    return { inputRequests };
  }
  if (status === 'working' || status === 'cancelled') return {};
  throw malformed();
}

function malformed(): RpcError {
  return new RpcError(CODE.internal, 'the server answered with a task in a form that is not one');
}
