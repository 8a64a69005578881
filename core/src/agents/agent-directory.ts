import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Permission } from '@ai-orchestrator/protocol';
import type { Clock } from '../host/time.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { Session } from '../rpc/session.js';
import { Agent, recordOf } from './agent.js';
import type { AgentRecord, Lease, Owner } from './agent.js';
import type { AgentEntries } from './agent-entries.js';
import type { AgentOwners } from './agent-owners.js';
import { AgentIndex } from './agent-index.js';
import type { SkillPool } from './agent-index.js';
import type { AgentLimits } from './agent-limits.js';
import { pageOfAgents } from './agent-query.js';
import type { AgentQuery } from './agent-query.js';
import { CardPool } from './card-pool.js';
import { TRANSITIONS } from './life-cycle.js';
import type { AgentState } from './life-cycle.js';
import { Ownership } from './ownership.js';
import { VersionRanges } from './version-ranges.js';

/**
 * The registered agents in memory: what is asked of them, by whom, and which connection speaks for each. It writes nothing; whoever
 * changes an agent commits first and tells the directory then.
 */
export class AgentDirectory {
  readonly ranges = new VersionRanges();
  readonly #index = new AgentIndex();
  readonly #cards = new CardPool();
  readonly #principals = new Map<string, Owner>();
  readonly #away = new Set<Agent>();
  readonly #ownership = new Ownership((agent) => {
    this.#goneAway(agent);
  });

  /** @param leaseOf how long an agent may be gone now, ms */
  constructor(
    private readonly clock: Clock,
    private readonly authorizer: Authorizer,
    private readonly limits: AgentLimits,
    private readonly owners: AgentOwners,
    private readonly leaseOf: (agent: Agent) => number,
  ) {}

  get size(): number {
    return this.#index.size;
  }

  find(agentId: string): Agent | undefined {
    return this.#index.get(agentId);
  }

  all(): Iterable<Agent> {
    return this.#index.all();
  }

  withSkill(skill: string): SkillPool | undefined {
    return this.#index.withSkill(skill);
  }

  /** The agent of a connection that owns exactly one. */
  onlyAgentOf(session: Session): Agent | undefined {
    return this.#ownership.onlyAgentOf(session);
  }

  /** How many agents are in each state. */
  countByState(): Readonly<Record<AgentState, number>> {
    const counts = Object.fromEntries(Object.keys(TRANSITIONS).map((s) => [s, 0])) as Record<AgentState, number>;
    for (const agent of this.#index.all()) counts[agent.lease.state]++;
    return counts;
  }

  /** @throws OrchestratorError `agent_not_found` also when the principal may not see it */
  get(principal: Principal, agentId: string): AgentRecord {
    return this.record(this.visible(principal, agentId, 'agent:read'));
  }

  /** One page of the agents that the principal may see. */
  list(principal: Principal, query: AgentQuery): { entries: AgentRecord[]; cursor?: string } {
    const visible = (agent: Agent): boolean => this.#may(principal, 'agent:read', agent);
    const { agents, cursor } = pageOfAgents(this.#index, query, this.ranges, visible, this.limits.pageBytes);
    const entries = agents.map((agent) => this.record(agent));
    return cursor === undefined ? { entries } : { entries, cursor };
  }

  /** The agent, if the principal has the permission on it. @throws OrchestratorError `agent_not_found` */
  visible(principal: Principal, agentId: string, permission: Permission): Agent {
    const agent = this.#index.get(agentId);
    if (agent !== undefined && this.#may(principal, permission, agent)) return agent;
    throw notFound(agentId);
  }

  /**
   * The agent, if the call comes by the connection that owns it.
   *
   * @throws OrchestratorError `agent_not_found`, `permission_denied` (another principal's), `stale_epoch` (another connection's)
   */
  owned(agentId: string, call: Call): Agent {
    const agent = this.mine(agentId, call.principal);
    if (call.session !== undefined && agent.session === call.session) return agent;
    throw new OrchestratorError('stale_epoch', `${agentId} is owned by another connection, or by none`, {
      resource: agent.resource,
      epoch: agent.lease.epoch,
    });
  }

  /** The agent, if it is the principal's. @throws OrchestratorError `agent_not_found`, `permission_denied` (another principal's) */
  mine(agentId: string, principal: Principal): Agent {
    const agent = this.#index.get(agentId);
    if (agent === undefined) throw notFound(agentId);
    if (agent.owner.id === principal.id) return agent;
    if (!this.#may(principal, 'agent:read', agent)) throw notFound(agentId);
    throw new OrchestratorError('permission_denied', `${agentId} belongs to another principal`, {
      permission: 'agent:register',
      resource: agent.resource,
    });
  }

  owner(id: string): Owner {
    let owner = this.#principals.get(id);
    if (owner === undefined) this.#principals.set(id, (owner = { id, registered: 0, ids: 0 }));
    return owner;
  }

  /** Takes in what the store knows of an agent; it has the time of its lease to come back. */
  restore({ id, agent: kept, lease, revisions }: AgentEntries): void {
    const owner = this.owner(kept.owner);
    owner.ids++;
    if (kept.card !== null) {
      this.#goneAway(this.#add(id, owner, kept.registeredAt, JSON.stringify(kept.card), lease, revisions));
    }
  }

  /** Takes in an agent that was not registered. */
  admit(
    id: string,
    owner: Owner,
    registeredAt: number,
    cardText: string,
    lease: Lease,
    revisions: Agent['revisions'],
    session: Session,
  ): void {
    this.#ownership.give(this.#add(id, owner, registeredAt, cardText, lease, revisions), session);
  }

  /** An agent came back, or came again, on a connection. Answers the connection that it was taken from. */
  takeOver(agent: Agent, cardText: string, session: Session): Session | undefined {
    if (agent.card.text !== cardText) {
      const card = this.#cards.take(cardText);
      this.#cards.release(agent.card);
      this.#index.replaceCard(agent, card);
    }
    this.#away.delete(agent);
    if (agent.session === session) return undefined;
    const lost = agent.session;
    this.#ownership.give(agent, session);
    return lost;
  }

  /** An agent was deregistered. */
  remove(agent: Agent): void {
    this.#ownership.take(agent);
    this.#away.delete(agent);
    this.#index.remove(agent);
    this.#cards.release(agent.card);
    agent.owner.registered--;
    this.owners.remove(agent.id, agent.owner.id);
  }

  /** Agents that are away and whose lease ran out. */
  overdue(): Agent[] {
    const now = this.clock.monotonicMs();
    return [...this.#away].filter((agent) => agent.awayUntil <= now);
  }

  /** Whether an agent is still away with a lease that ran out. */
  isOverdue(agent: Agent): boolean {
    return this.#away.has(agent) && agent.awayUntil <= this.clock.monotonicMs();
  }

  /** Its lease is dealt with. */
  forgetLease(agent: Agent): void {
    this.#away.delete(agent);
  }

  /** An agent as callers see it, with the lease that it has or is about to have. */
  record(agent: Agent, lease: Lease = agent.lease): AgentRecord {
    return recordOf(agent, agent.card.text, lease, this.#expiry(agent, lease));
  }

  #add(
    id: string,
    owner: Owner,
    registeredAt: number,
    cardText: string,
    lease: Lease,
    revisions: Agent['revisions'],
  ): Agent {
    const agent = new Agent(id, owner, registeredAt, this.#cards.take(cardText), lease, revisions);
    owner.registered++;
    this.#index.add(agent);
    this.owners.add(id, owner.id);
    return agent;
  }

  #goneAway(agent: Agent): void {
    agent.awayUntil = this.clock.monotonicMs() + this.leaseOf(agent);
    this.#away.add(agent);
  }

  #may(principal: Principal, permission: Permission, agent: Agent): boolean {
    return this.authorizer.authorize(principal, permission, agent.resource).allowed;
  }

  #expiry(agent: Agent, lease: Lease): number | undefined {
    if (agent.session !== undefined) return this.clock.now() + lease.leaseMs;
    if (lease.state === 'offline' || !this.#away.has(agent)) return undefined;
    return this.clock.now() + Math.max(0, agent.awayUntil - this.clock.monotonicMs());
  }
}

function notFound(agentId: string): OrchestratorError {
  return new OrchestratorError('agent_not_found', agentId, { resource: `agent/${agentId}` });
}
