import type {
  Authorizer,
  Log,
  Tasks,
  ToolInvocation,
  ToolProvider,
  ToolProviderHandle,
  ToolReply,
  Tools,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { callOf } from '../agents/call-of.js';
import { skillResult } from '../agents/skill-result.js';
import type { JsonValue } from '../upstream/json.js';
import { TASK_TOOLS } from './task-tool-definitions.js';

/** What the tools stand on. */
export interface TaskToolsServices {
  readonly tasks: Tasks;
  readonly tools: Tools;
  readonly authorizer: Authorizer;
  readonly log: Log;
}

/** What the arguments are, by the schemas that they were checked against. */
interface Given {
  readonly skill?: string;
  readonly agent?: string;
  readonly input?: JsonValue;
  readonly title?: string;
  readonly taskId?: string;
  readonly inputId?: string;
  readonly payload?: JsonValue;
  readonly reason?: string;
  readonly state?: NonNullable<Parameters<Tasks['list']>[0]['state']>;
  readonly limit?: number;
  readonly cursor?: string;
}

const DEFAULT_LIMIT = 20;

/** Durable tasks as tools, for clients without the Tasks extension: each is the method of the same name, for who may call that. */
export class TaskTools implements ToolProvider {
  readonly id = 'tasks';
  readonly #handle: ToolProviderHandle;

  constructor(private readonly services: TaskToolsServices) {
    this.#handle = services.tools.addProvider(this);
  }

  /** Offers them. */
  async start(): Promise<void> {
    const refused = await this.#handle.set([...TASK_TOOLS.values()].map(({ definition }) => definition));
    for (const { name, reason } of refused) this.services.log.warn({ tool: name, reason }, 'a tool is left out');
  }

  /** Withdraws them. */
  close(): Promise<void> {
    return this.#handle.close();
  }

  /** What a task refuses is for the model to read, and so a result. @throws OrchestratorError `permission_denied` */
  async invoke(invocation: ToolInvocation): Promise<ToolReply> {
    const { tool, caller } = invocation;
    const known = TASK_TOOLS.get(tool.name);
    if (known === undefined) throw new OrchestratorError('unavailable', `${tool.name} is not here any more`);
    if (!this.services.authorizer.authorize(caller, known.permission).allowed) {
      throw new OrchestratorError('permission_denied', undefined, { permission: known.permission });
    }
    try {
      return { kind: 'result', result: skillResult((await this.#answer(invocation)) as JsonValue) };
    } catch (error) {
      if (!(error instanceof OrchestratorError) || error.errorName === 'internal_error') throw error;
      const text = `${error.errorName}: ${error.message}`;
      return { kind: 'result', result: { content: [{ type: 'text', text }], isError: true } };
    }
  }

  #answer({ tool, arguments: given, caller, signal, traceparent, contextId }: ToolInvocation): Promise<unknown> {
    const { tasks } = this.services;
    const { taskId = '', inputId = '', ...args } = given as Given;
    const call = (method: string, relayed?: JsonValue) =>
      callOf(method, caller, { signal, traceparent, ...(relayed !== undefined && { relayed }) });
    switch (tool.name) {
      case 'task_submit': {
        const { input = null, title } = args;
        const submitted = { to: recipientOf(args), ...(title !== undefined && { title }) };
        const within = contextId === undefined ? {} : { contextId };
        return tasks.submit({ ...submitted, ...within }, call('task.submit', input));
      }
      case 'task_get':
        return tasks.get({ taskId, include: ['result'] }, call('task.get'));
      case 'task_list': {
        const { state, cursor, limit = DEFAULT_LIMIT } = args;
        const page = { limit, ...(state !== undefined && { state }), ...(cursor !== undefined && { cursor }) };
        return tasks.list({ mine: true, ...page }, call('task.list'));
      }
      case 'task_cancel': {
        const { reason } = args;
        return tasks.cancel({ taskId, ...(reason !== undefined && { reason }) }, call('task.cancel'));
      }
      default:
        return tasks.respond({ taskId, inputId }, call('task.respond', args.payload ?? null));
    }
  }
}

function recipientOf({ skill, agent }: Given): { readonly skill: string } | { readonly agent: string } {
  if (skill !== undefined && agent === undefined) return { skill };
  if (agent !== undefined && skill === undefined) return { agent };
  throw new OrchestratorError('invalid_params', 'say either skill or agent');
}
