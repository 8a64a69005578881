import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { deliveryMethods, HandlerParamsOf } from '@ai-orchestrator/protocol';
import type { Agent } from '../agents/agent.js';
import type { SkillPool } from '../agents/agent-index.js';
import type { AgentRegistry } from '../agents/agent-registry.js';
import { hasSkill } from '../agents/agent-query.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import { isOpen } from './choose-agent.js';

type Recipient = HandlerParamsOf<typeof deliveryMethods.messageExplain>['to'];
type SkillWanted = Extract<Recipient, { skill: string }>;

/** Why an agent was chosen: it was named; it had the conversation before; of those that are there it had the least to do; none was there. */
export type Rule = 'agent' | 'sticky' | 'leastLoaded' | 'waiting';

/** One agent that was looked at. */
export interface Candidate {
  readonly agent: Agent;
  readonly eligible: boolean;
  /** Whether it takes messages now; otherwise what it is sent waits. */
  readonly there: boolean;
  readonly reasons: readonly string[];
  /** Messages in its inbox and requests that it works on. */
  readonly load: number;
}

/** What routing came to. */
export interface Route {
  readonly agent: Agent;
  readonly rule: Rule;
}

/** What {@link Routing} asks of inboxes. */
export interface Loads {
  /** Messages in an agent's inbox. */
  messagesOf(agentId: string): number;
  isFull(agentId: string): boolean;
}

/**
 * Decides who gets a message, in one place, so that the decision can be explained. Of the agents with a skill, label and version that the
 * sender may use and whose inbox has room: the one that had the conversation last, if it is there; of those that are there the one with
 * the least to do, of equals the next in turn; if none is there, of those that are away the one with the least to do.
 */
export class Routing {
  /** Who had a conversation last, by context and skill; the oldest goes when there are too many. */
  readonly #sticky = new Map<string, string>();

  constructor(
    private readonly registry: AgentRegistry,
    private readonly authorizer: Authorizer,
    private readonly loads: Loads,
    private readonly stickyContexts: number,
  ) {}

  /** @throws OrchestratorError `agent_not_found`, `no_agent_for_skill` */
  route(to: Recipient, principal: Principal, contextId: string | undefined): Route {
    if ('agent' in to) {
      return { agent: this.registry.directory.visible(principal, to.agent, 'message:send'), rule: 'agent' };
    }
    const route = this.#bySkill(to, principal, contextId);
    if (route === undefined) throw new OrchestratorError('no_agent_for_skill', to.skill, { skill: to.skill });
    if (contextId !== undefined) this.#stick(contextId, to.skill, route.agent.id);
    return route;
  }

  /** Those of some agents that there are and that a principal may send to. */
  everyone(agentIds: readonly string[], principal: Principal): Agent[] {
    return agentIds.flatMap((id) => {
      const agent = this.registry.directory.find(id);
      return agent !== undefined && this.#may(principal, agent) ? [agent] : [];
    });
  }

  /** What {@link Routing.route} would choose now, of whom, and why. Agents that the principal may not send to are not shown. */
  explain(
    to: Recipient,
    principal: Principal,
    contextId: string | undefined,
  ): { readonly chosen: Route | undefined; readonly candidates: readonly Candidate[] } {
    if ('agent' in to) {
      const agent = this.registry.directory.visible(principal, to.agent, 'message:send');
      const candidate = this.#look(agent, { skill: '' }, false);
      return { chosen: candidate.eligible ? { agent, rule: 'agent' } : undefined, candidates: [candidate] };
    }
    const pool = this.registry.directory.withSkill(to.skill)?.agents ?? [];
    const candidates = pool.filter((agent) => this.#may(principal, agent)).map((agent) => this.#look(agent, to, true));
    const turn = this.registry.directory.withSkill(to.skill)?.turn;
    const chosen = this.#bySkill(to, principal, contextId);
    const after = this.registry.directory.withSkill(to.skill);
    // Explaining takes nobody's turn.
    if (after !== undefined && turn !== undefined) after.turn = turn;
    return { chosen, candidates };
  }

  #bySkill(to: SkillWanted, principal: Principal, contextId: string | undefined): Route | undefined {
    const pool = this.registry.directory.withSkill(to.skill);
    if (pool === undefined) return undefined;
    return this.#choose(pool, to, principal, contextId, true) ?? this.#choose(pool, to, principal, contextId, false);
  }

  /** @param roomOnly leaves out whose inbox is full; if all are, one of them says so */
  #choose(
    pool: SkillPool,
    to: SkillWanted,
    principal: Principal,
    contextId: string | undefined,
    roomOnly: boolean,
  ): Route | undefined {
    const fits = (agent: Agent): boolean =>
      this.#eligible(agent, to) && !(roomOnly && this.loads.isFull(agent.id)) && this.#may(principal, agent);
    const stickyId = contextId === undefined ? undefined : this.#sticky.get(`${contextId} ${to.skill}`);
    const sticky = stickyId === undefined ? undefined : this.registry.directory.find(stickyId);
    if (sticky !== undefined && pool.agents.includes(sticky) && isOpen(sticky) && fits(sticky)) {
      return { agent: sticky, rule: 'sticky' };
    }
    let chosen: Agent | undefined;
    let chosenAt = 0;
    let least = Infinity;
    const count = pool.agents.length;
    for (let i = 0; i < count; i++) {
      const at = (pool.turn + i) % count;
      const agent = pool.agents[at];
      if (agent === undefined) continue;
      const rank = this.#rank(agent);
      if (rank >= least || !fits(agent)) continue;
      chosen = agent;
      chosenAt = at;
      least = rank;
    }
    if (chosen === undefined) return undefined;
    pool.turn = chosenAt + 1;
    return { agent: chosen, rule: isOpen(chosen) ? 'leastLoaded' : 'waiting' };
  }

  /** Less goes first: who is there before who is busy, before who is away; then by load. */
  #rank(agent: Agent): number {
    const place = !isOpen(agent) ? 2 : agent.lease.state === 'busy' ? 1 : 0;
    return place * 1e9 + this.#load(agent);
  }

  #load(agent: Agent): number {
    return agent.inFlight + this.loads.messagesOf(agent.id);
  }

  #eligible(agent: Agent, to: SkillWanted): boolean {
    if ((to.version ?? to.labels) !== undefined && !hasSkill(agent, to, this.registry.directory.ranges)) return false;
    return agent.lease.state !== 'suspended' && agent.lease.state !== 'draining';
  }

  #look(agent: Agent, to: SkillWanted, bySkill: boolean): Candidate {
    const { ranges } = this.registry.directory;
    const reasons: string[] = [];
    const { skill, version, labels } = to;
    if (bySkill && version !== undefined && !hasSkill(agent, { skill, version }, ranges)) {
      reasons.push(`no version of the skill is in ${version}`);
    }
    if (bySkill && labels !== undefined && !hasSkill(agent, { skill, labels }, ranges)) reasons.push('other labels');
    const { state } = agent.lease;
    if (bySkill && (state === 'suspended' || state === 'draining')) reasons.push(`it is ${state}`);
    if (this.loads.isFull(agent.id)) reasons.push('its inbox is full');
    const eligible = reasons.length === 0;
    const there = isOpen(agent);
    if (!there) reasons.push(`it is ${agent.session === undefined ? 'not connected' : state}: what it is sent waits`);
    return { agent, eligible, there, reasons, load: this.#load(agent) };
  }

  #may(principal: Principal, agent: Agent): boolean {
    return this.authorizer.authorize(principal, 'message:send', agent.resource).allowed;
  }

  #stick(contextId: string, skill: string, agentId: string): void {
    const key = `${contextId} ${skill}`;
    // Set again, so that what is used stays.
    this.#sticky.delete(key);
    this.#sticky.set(key, agentId);
    if (this.#sticky.size <= this.stickyContexts) return;
    const [oldest] = this.#sticky.keys();
    if (oldest !== undefined) this.#sticky.delete(oldest);
  }
}
