import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';
import type { AgentRecord } from './agent.js';
import type { AgentQuery } from './agent-query.js';
import type { AgentState } from './life-cycle.js';

/** The agents, as other parts of the daemon may ask for them. */
export interface Agents {
  /** Registered agents. */
  readonly size: number;
  /** @throws OrchestratorError `agent_not_found` also when the principal may not see it */
  get(principal: Principal, agentId: string): AgentRecord;
  /** One page of those that the principal may see. */
  list(principal: Principal, query: AgentQuery): { entries: AgentRecord[]; cursor?: string };
  /** How many agents are in each state. */
  countByState(): Readonly<Record<AgentState, number>>;
}
/** Token of {@link Agents}. */
export const Agents = token<Agents>('agents');
