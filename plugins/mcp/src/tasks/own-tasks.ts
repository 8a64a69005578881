import type { Authorizer, Clock, Principal, Tasks } from '@ai-orchestrator/core/plugin';
import { OrchestratorError, type Permission } from '@ai-orchestrator/protocol';
import { callOf } from '../agents/call-of.js';
import { CODE } from '../downstream/protocol.js';
import { invalidParams, RpcError } from '../downstream/rpc-error.js';
import { isObject, type JsonObject } from '../upstream/json.js';
import { payloadOf, type TaskInput } from './task-questions.js';
import { isOver, wireTask, type OwnTask, type WireTask } from './task-wire.js';

/** What our tasks are reached by. */
export interface OwnTasksServices {
  readonly tasks: Tasks;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** Ends of a race that the client lost: what it answers or cancels is over. */
const OVER: ReadonlySet<string> = new Set(['task_state', 'not_found']);
const PAGE = 100;

/** Durable tasks of ours for MCP clients, each for the principal that had it submitted and for no other. */
export class OwnTasks {
  /** How many each principal follows. */
  readonly #followed = new Map<string, number>();

  /** @param mostFollowed by one principal at once */
  constructor(
    private readonly services: OwnTasksServices,
    private readonly mostFollowed: number,
  ) {}

  /** Whether an id has the form of one of ours. */
  names(taskId: string): boolean {
    return UUID.test(taskId);
  }

  /** @throws RpcError -32602 for a task that is not there or another's: the two cannot be told apart */
  async get(principal: Principal, taskId: string, answers: boolean): Promise<WireTask> {
    return this.#wire(await this.#own(principal, taskId), answers);
  }

  /** One page, the newest first. @throws RpcError -32602 for a cursor that leads nowhere */
  async list(principal: Principal, cursor: string | undefined, answers: boolean) {
    this.#permit(principal, 'task:read');
    const query = { mine: true, limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await this.services.tasks.list(query, callOf('task.list', principal));
    return { tasks: page.entries.map((task) => this.#wire({ task }, answers)), cursor: page.cursor };
  }

  /**
   * Gives a task what it asked for; a form that the user declined or dismissed ends the task. Answers to what is not asked are passed over
   * [ext-tasks 2026-07-28, Task Update Requests].
   *
   * @throws RpcError -32602
   */
  async update(principal: Principal, taskId: string, inputResponses: JsonObject): Promise<void> {
    const { task } = await this.#own(principal, taskId);
    this.#permit(principal, 'task:submit');
    for (const input of task.inputs ?? []) {
      const response = Object.hasOwn(inputResponses, input.inputId) ? inputResponses[input.inputId] : undefined;
      if (!isObject(response)) continue;
      if (response.action === 'accept') {
        await this.#respond(principal, taskId, input, isObject(response.content) ? response.content : {});
      } else if (response.action === 'decline' || response.action === 'cancel') {
        await this.#cancel(principal, taskId, 'the input that it asked for was refused');
        return;
      } else throw invalidParams(`inputResponses.${input.inputId}.action is accept, decline or cancel`);
    }
  }

  /** A task that is over stays as it is. @throws RpcError -32602 */
  async cancel(principal: Principal, taskId: string): Promise<void> {
    await this.#own(principal, taskId);
    this.#permit(principal, 'task:submit');
    await this.#cancel(principal, taskId, 'the client canceled it');
  }

  /**
   * The task as it is now, and again each time that it changed, until it is over or the signal aborts.
   *
   * @throws RpcError -32602; OrchestratorError `limit_exceeded` past what one principal may follow
   */
  async *follow(principal: Principal, taskId: string, answers: boolean, signal: AbortSignal): AsyncGenerator<WireTask> {
    await this.#own(principal, taskId);
    const leave = this.#enter(principal.id);
    try {
      yield* this.#changes(principal, taskId, answers, signal);
    } finally {
      leave();
    }
  }

  /** @returns how to leave */
  #enter(id: string): () => void {
    const count = this.#followed.get(id) ?? 0;
    if (count >= this.mostFollowed) {
      throw new OrchestratorError('limit_exceeded', 'too many tasks are followed already; ask for this one', {
        limit: { name: 'downstream.followedTasksOfPrincipal', value: this.mostFollowed },
      });
    }
    this.#followed.set(id, count + 1);
    return () => {
      const left = (this.#followed.get(id) ?? 1) - 1;
      if (left > 0) this.#followed.set(id, left);
      else this.#followed.delete(id);
    };
  }

  async *#changes(
    principal: Principal,
    taskId: string,
    answers: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<WireTask> {
    let told = '';
    const changed = async (): Promise<WireTask | undefined> => {
      const task = await this.get(principal, taskId, answers);
      const { status, statusMessage, detail } = task;
      const now = JSON.stringify([status, statusMessage, detail]);
      if (now === told) return undefined;
      told = now;
      return task;
    };
    while (!signal.aborted) {
      const events = await this.services.tasks.follow(taskId, principal, signal);
      const now = await changed();
      if (now !== undefined) yield now;
      if (now !== undefined && isOver(now.status)) return;
      try {
        for await (const { entries } of events) {
          const task = entries.length === 0 ? undefined : await changed();
          if (task === undefined) continue;
          yield task;
          if (isOver(task.status)) return;
        }
      } catch (error) {
        // Whoever read too slowly has missed events, not what the task is now.
        if (!(error instanceof OrchestratorError) || error.errorName !== 'cursor_expired') throw error;
      }
    }
  }

  async #own(principal: Principal, taskId: string): Promise<OwnTask> {
    this.#permit(principal, 'task:read');
    if (!this.names(taskId)) throw noTask();
    let own: OwnTask;
    try {
      own = await this.services.tasks.get({ taskId, include: ['result'] }, callOf('task.get', principal));
    } catch (error) {
      if (error instanceof OrchestratorError && error.errorName === 'task_not_found') throw noTask(error);
      throw error;
    }
    if (own.task.from !== principal.id) throw noTask();
    return own;
  }

  async #respond(principal: Principal, taskId: string, input: TaskInput, content: JsonObject): Promise<void> {
    const { inputId } = input;
    const call = callOf('task.respond', principal, { relayed: payloadOf(input, content) });
    try {
      await this.services.tasks.respond({ taskId, inputId }, call);
    } catch (error) {
      if (!(error instanceof OrchestratorError)) throw error;
      if (error.errorName === 'invalid_params') throw invalidParams(`inputResponses.${inputId}: ${error.message}`);
      if (!OVER.has(error.errorName)) throw error;
    }
  }

  async #cancel(principal: Principal, taskId: string, reason: string): Promise<void> {
    try {
      await this.services.tasks.cancel({ taskId, reason }, callOf('task.cancel', principal));
    } catch (error) {
      if (!(error instanceof OrchestratorError) || !OVER.has(error.errorName)) throw error;
    }
  }

  #permit(principal: Principal, permission: Permission): void {
    if (this.services.authorizer.authorize(principal, permission).allowed) return;
    throw new OrchestratorError('permission_denied', undefined, { permission });
  }

  #wire(own: OwnTask, answers: boolean): WireTask {
    const { tasks, clock } = this.services;
    return wireTask(own, tasks.keepMs, clock.now(), answers);
  }
}

/** What is said of a task that is not there, and of another's. */
export function noTask(cause?: unknown): RpcError {
  return new RpcError(CODE.invalidParams, 'Task not found', undefined, undefined, { cause });
}
