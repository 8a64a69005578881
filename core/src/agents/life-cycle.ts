import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { agentMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

/** Where an agent is in its life. */
export type AgentState = Static<typeof agentMethods.AgentState>;

/** Who may bring a transition about: the agent itself, an operator, or the daemon when a lease runs out. */
export type Actor = 'agent' | 'operator' | 'daemon';

/** Every allowed transition, and who brings it about. A state is not its own successor: staying is not a transition. */
export const TRANSITIONS: Readonly<Record<AgentState, Readonly<Partial<Record<AgentState, Actor>>>>> = {
  registered: {
    ready: 'agent',
    busy: 'agent',
    draining: 'agent',
    suspended: 'operator',
    offline: 'daemon',
    deregistered: 'agent',
  },
  ready: {
    registered: 'agent',
    busy: 'agent',
    draining: 'agent',
    suspended: 'operator',
    offline: 'daemon',
    deregistered: 'agent',
  },
  busy: {
    registered: 'agent',
    ready: 'agent',
    draining: 'agent',
    suspended: 'operator',
    offline: 'daemon',
    deregistered: 'agent',
  },
  draining: {
    registered: 'agent',
    ready: 'agent',
    suspended: 'operator',
    offline: 'daemon',
    deregistered: 'agent',
  },
  // Stays suspended while it comes and goes: only an operator ends it.
  suspended: { ready: 'operator', offline: 'operator', deregistered: 'agent' },
  offline: { registered: 'agent', ready: 'agent', suspended: 'operator', deregistered: 'agent' },
  deregistered: { registered: 'agent', ready: 'agent' },
};

/** The states that an actor may bring an agent to. */
export function successors(from: AgentState, actor: Actor): AgentState[] {
  return (Object.keys(TRANSITIONS) as AgentState[]).filter((to) => TRANSITIONS[from][to] === actor);
}

/** @throws OrchestratorError `transition_refused` with `from` and `allowed` */
export function checkTransition(agentId: string, from: AgentState, to: AgentState, actor: Actor): void {
  if (TRANSITIONS[from][to] === actor) return;
  const allowed = successors(from, actor);
  throw new OrchestratorError(
    'transition_refused',
    `${agentId} is ${from}; from there the ${actor} can go to ${allowed.join(', ') || 'no other state'}`,
    { from, to, allowed },
  );
}
