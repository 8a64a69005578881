import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Agent } from '../agents/agent.js';
import type { SkillPool } from '../agents/agent-index.js';

/**
 * The agent with the fewest requests in flight; of equals, the next in turn after the one chosen last. Agents that say they are busy
 * come after all that are ready.
 *
 * @param fits whether an agent may be chosen at all, beside being connected, ready or busy, and below its bound
 * @throws OrchestratorError `no_agent_for_skill`, or `too_many_pending` when every agent that fits is at its bound
 */
export function chooseAgent(
  skill: string,
  pool: SkillPool | undefined,
  inFlightPerAgent: number,
  fits: (agent: Agent) => boolean,
): Agent {
  const agents = pool?.agents ?? [];
  const count = agents.length;
  let chosen: Agent | undefined;
  let chosenAt = 0;
  let chosenLoad = Infinity;
  let full = false;
  for (let i = 0, at = pool === undefined || pool.turn >= count ? 0 : pool.turn; i < count; i++) {
    const agent = agents[at];
    if (agent !== undefined && isOpen(agent)) {
      const load = agent.inFlight + (agent.lease.state === 'busy' ? inFlightPerAgent : 0);
      if (load < chosenLoad && fits(agent)) {
        if (agent.inFlight >= inFlightPerAgent) full = true;
        else {
          chosen = agent;
          chosenAt = at;
          chosenLoad = load;
          if (load === 0) break;
        }
      }
    }
    at = at + 1 === count ? 0 : at + 1;
  }
  if (chosen !== undefined && pool !== undefined) {
    pool.turn = chosenAt + 1;
    return chosen;
  }
  if (full) {
    throw new OrchestratorError('too_many_pending', `every agent with the skill ${skill} is at its bound`, {
      limit: inFlightPerAgent,
      skill,
    });
  }
  throw new OrchestratorError('no_agent_for_skill', skill, { skill });
}

/** Whether requests may reach an agent. */
export function isOpen(agent: Agent): boolean {
  const { state } = agent.lease;
  return (state === 'ready' || state === 'busy') && agent.session !== undefined && !agent.session.closed;
}
