import { ERRORS, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, toolMethods } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Agent } from '../agents/agent.js';
import { AgentRegistry } from '../agents/agent-registry.js';
import { Clock } from '../host/time.js';
import { isOpen } from '../messages/choose-agent.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Call } from '../rpc/call.js';
import type { Answer } from '../rpc/session.js';
import { Effects } from '../store/effects.js';
import type { Effect } from '../store/effects.js';
import type { JsonValue } from '../store/store.js';
import { ToolDrafts } from './tool-drafts.js';
import type { Registrar } from './tool-plan.js';
import type { Shelf } from './tool-records.js';
import { ToolRegistry } from './tool-registry.js';
import type {
  RefusedDefinition,
  ToolDefinition,
  ToolInvocation,
  ToolProviderHandle,
  ToolReply,
  ToolResult,
} from './tools.js';

type Params = HandlerParamsOf<typeof toolMethods.toolRegister>;
type ToolsTaken = ResultOf<typeof toolMethods.toolRegister>;

/** Characters of an agent's error that its caller is told. */
const MAX_ERROR = 4_096;
const OFFLINE = 'its agent takes no calls';

/** An agent that has offered tools since the daemon started. */
interface AgentShelf {
  readonly agent: Agent;
  readonly handle: ToolProviderHandle;
  readonly shelf: Shelf;
}

/** Agents as providers of tools: what they register, and how they are asked. */
@injectable()
export class AgentTools {
  readonly #shelves = new Map<string, AgentShelf>();

  constructor(
    @inject(ToolRegistry) private readonly registry: ToolRegistry,
    @inject(AgentRegistry) private readonly agents: AgentRegistry,
    @inject(Effects) private readonly effects: Effects,
    @inject(Authorizer) private readonly authorizer: Authorizer,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  /** Follows who comes and goes. */
  start(): void {
    this.agents.onMoved((agent) => {
      const mine = this.#shelves.get(agent.id);
      if (mine === undefined) return;
      if (agent.lease.state === 'deregistered') {
        this.#shelves.delete(agent.id);
        mine.handle.close().catch((error: unknown) => {
          this.registry.onError(error);
        });
      } else this.registry.available(mine.shelf, isOpen(agent), OFFLINE);
    });
  }

  /** @throws OrchestratorError `agent_not_found`, `stale_epoch`, `permission_denied` when the agent is another principal's */
  register(params: Params, call: Call): Promise<ToolsTaken> {
    // A kept answer is of no use once the tools that it is about are gone: after a restart they have to be offered again.
    const stillHolds = (): boolean => this.#shelves.has(params.agentId);
    const register = async (effect: Effect): Promise<ToolsTaken> => {
      const agent = this.agents.directory.owned(params.agentId, call);
      if (params.tools.length === 0 && !this.#shelves.has(agent.id)) {
        // Whoever offers nothing takes no provider's place.
        const nothing = { approved: [], pending: [], refused: [] };
        await effect.commit({}, nothing);
        return nothing;
      }
      const shelf = this.#shelfOf(agent);
      const drafts = new ToolDrafts(call);
      const registrar: Registrar = {
        principal: call.principal.id,
        drafts,
        mayApprove: (name) => this.authorizer.authorize(call.principal, 'tool:approve', `tool/${name}`).allowed,
      };
      const definitions = params.tools as unknown as readonly ToolDefinition[];
      return this.registry.set(shelf, definitions, registrar, (commit, { approved, pending, refused }) => {
        // Whoever tries names to learn which there are leaves a record of it.
        const taken = refused.filter(({ isTaken }) => isTaken);
        const events = taken.map(({ name: tool, version }) =>
          drafts.refused({ tool, version, provider: shelf.provider.id }),
        );
        const answer = { approved: [...approved], pending: [...pending], refused: refused.map(told) };
        return [effect.commit({ ...commit, events: [...(commit.events ?? []), ...events] }, answer), answer];
      });
    };
    return this.effects.perform(call, params, register, stillHolds);
  }

  #shelfOf(agent: Agent): Shelf {
    const known = this.#shelves.get(agent.id);
    if (known?.agent === agent) return known.shelf;
    const id = `agent/${agent.id}`;
    const handle = this.registry.addProvider({ id, invoke: (invocation) => this.#invoke(agent, invocation) });
    const shelf = this.registry.shelf(id);
    if (shelf === undefined) throw new OrchestratorError('internal_error', `${id} is not there`);
    handle.available(isOpen(agent), OFFLINE);
    this.#shelves.set(agent.id, { agent, handle, shelf });
    return shelf;
  }

  async #invoke(agent: Agent, invocation: ToolInvocation): Promise<ToolReply> {
    const { session } = agent;
    const { callId, tool, caller, timeoutMs, signal, contextId, traceparent } = invocation;
    if (session === undefined || !isOpen(agent)) {
      throw new OrchestratorError('unavailable', `agent ${agent.id} takes no calls now`, {
        resource: agent.resource,
        state: agent.lease.state,
      });
    }
    const params = {
      agentId: agent.id,
      callId,
      name: tool.name,
      version: tool.version,
      arguments: invocation.arguments,
      caller: caller.id,
      deadline: new Date(this.clock.now() + timeoutMs).toISOString(),
      ...(contextId === undefined ? {} : { contextId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return await new Promise<ToolReply>((resolve, reject) => {
      const pending = session.request('tool.invoke', params, timeoutMs, (answer) => {
        signal.removeEventListener('abort', cancel);
        agent.inFlight--;
        try {
          resolve(replyOf(agent.id, answer));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      const cancel = (): void => {
        pending.cancel(String(signal.reason));
        agent.inFlight--;
        reject(new OrchestratorError('canceled', String(signal.reason)));
      };
      agent.inFlight++;
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
    });
  }
}

/** Whose name it is is nobody's business who may not see it. */
function told({ name, version, reason, isTaken }: RefusedDefinition & { readonly isTaken?: boolean }) {
  const taken = 'the name is not free; use another, for example with the id of the agent before it';
  return { name, version, reason: isTaken === true ? taken : reason };
}

function replyOf(agentId: string, answer: Answer): ToolReply {
  switch (answer.kind) {
    case 'result': {
      const result = JSON.parse(Buffer.from(answer.bytes).toString()) as Partial<ToolResult> | null;
      if (Array.isArray(result?.content)) return { kind: 'result', result: result as ToolResult };
      return { kind: 'error', code: ERRORS.internal_error.code, message: `agent ${agentId} answered without content` };
    }
    case 'error': {
      const { code, message, data } = answer;
      const kept = data === undefined || JSON.stringify(data).length > MAX_ERROR ? {} : { data: data as JsonValue };
      return { kind: 'error', code, message: message.slice(0, MAX_ERROR), ...kept };
    }
    case 'timeout':
      throw new OrchestratorError('deadline_exceeded', `agent ${agentId} did not answer in time`);
    case 'closed':
      throw new OrchestratorError('unavailable', `agent ${agentId} lost its connection`);
  }
}
