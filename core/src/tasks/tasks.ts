import type { HandlerParamsOf, ResultOf, taskMethods } from '@ai-orchestrator/protocol';
import type { Principal } from '../permissions/principal.js';
import { token } from '../plugin/token.js';
import type { Call } from '../rpc/call.js';
import type { Recipient, TaskEvent, TaskStatus } from './task.js';

type Params<M extends keyof typeof taskMethods> = HandlerParamsOf<(typeof taskMethods)[M]>;
type Result<M extends keyof typeof taskMethods> = ResultOf<(typeof taskMethods)[M]>;

/** Durable tasks, as other parts of the daemon may have them done: each member as the method of its name, permissions left to the caller. */
export interface Tasks {
  /** How long a task is kept after its end, ms. */
  readonly keepMs: number;
  /** Whether an agent that fits, and that the principal may have tasks done by, takes tasks as calls now. */
  takes(to: Recipient, principal: Principal): boolean;
  /** @param call `relayed` has the input's JSON */
  submit(params: Params<'taskSubmit'>, call: Call): Promise<TaskStatus>;
  get(params: Params<'taskGet'>, call: Call): Promise<Result<'taskGet'>>;
  list(params: Params<'taskList'>, call: Call): Promise<Result<'taskList'>>;
  cancel(params: Params<'taskCancel'>, call: Call): Promise<TaskStatus>;
  /** @param call `relayed` has the payload's JSON */
  respond(params: Params<'taskRespond'>, call: Call): Promise<TaskStatus>;
  /**
   * What happens to a task from when this resolves, until the signal aborts; ends with `cursor_expired` for who reads too slowly.
   *
   * @throws OrchestratorError `task_not_found`
   */
  follow(
    taskId: string,
    principal: Principal,
    signal: AbortSignal,
  ): Promise<AsyncIterable<{ readonly entries: readonly TaskEvent[] }>>;
}
/** Token of {@link Tasks}. */
export const Tasks = token<Tasks>('tasks');
