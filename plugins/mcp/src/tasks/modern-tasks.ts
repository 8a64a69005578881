import { answersForms, checkTasks } from '../downstream/client-capabilities.js';
import type { Operation, TaskOutcome } from '../downstream/operation.js';
import { invalidParams } from '../downstream/rpc-error.js';
import { isObject, type JsonObject } from '../upstream/json.js';
import type { OwnTasks } from './own-tasks.js';
import type { AboutTask, ServerTasks } from './server-tasks.js';
import type { WireTask } from './task-wire.js';

const ACKNOWLEDGED: JsonObject = {};
/** Who provides the tools whose calls become tasks of ours. */
export const SKILLS = 'skills';
const OF_SERVER = 'mcp/';

/** The Tasks extension of revision 2026-07-28: tasks of ours and of the servers behind us, by their ids [ext-tasks 2026-07-28, SEP-2663]. */
export class ModernTasks {
  /**
   * @param keepMs how long a task of ours is kept after its end
   * @param pollMs how often clients are to ask for one
   */
  constructor(
    private readonly own: OwnTasks,
    private readonly servers: ServerTasks,
    private readonly keepMs: number,
    private readonly pollMs: number,
  ) {}

  /** What a call that became a task is answered. */
  async begun({ view, tool }: Operation, { task, provider = '' }: TaskOutcome): Promise<JsonObject> {
    if (provider === SKILLS) return { ...task, ttlMs: this.keepMs, pollIntervalMs: this.pollMs };
    if (!provider.startsWith(OF_SERVER) || tool === undefined) throw new Error(`${provider} has no tasks`);
    return this.servers.begun(view.principal, provider.slice(OF_SERVER.length), tool, task);
  }

  /** The result of `tasks/get`, `tasks/update` and `tasks/cancel`; `undefined` for other methods. @throws RpcError -32602, -32021 */
  async answer(method: string, params: JsonObject, about: AboutTask): Promise<JsonObject | undefined> {
    if (method !== 'tasks/get' && method !== 'tasks/update' && method !== 'tasks/cancel') return undefined;
    const { principal, clientCapabilities } = about;
    checkTasks(clientCapabilities);
    const { taskId, inputResponses } = params;
    if (typeof taskId !== 'string') throw invalidParams('params.taskId is missing: say which task');
    const to = this.own.names(taskId) ? undefined : this.servers;
    switch (method) {
      case 'tasks/get':
        if (to !== undefined) return to.get(taskId, about);
        return this.shown(await this.own.get(principal, taskId, answersForms(clientCapabilities)));
      case 'tasks/update':
        if (!isObject(inputResponses)) throw invalidParams('params.inputResponses is an object');
        await (to?.update(taskId, inputResponses, about) ?? this.own.update(principal, taskId, inputResponses));
        return ACKNOWLEDGED;
      case 'tasks/cancel':
        await (to?.cancel(taskId, about) ?? this.own.cancel(principal, taskId));
        return ACKNOWLEDGED;
    }
  }

  /** As `tasks/get` and `notifications/tasks` have it. */
  shown({ detail, ...task }: WireTask): JsonObject {
    return { ...task, pollIntervalMs: this.pollMs, ...detail };
  }
}
