import type { Agent } from './agent.js';
import type { Card } from './card-pool.js';

/** Agents that have one skill, in order of id. */
export interface SkillPool {
  readonly agents: Agent[];
  /** Where the next choice begins to look, so that equals take turns. */
  turn: number;
}

/** The registered agents by id, in order of id, and by skill. */
export class AgentIndex {
  readonly #byId = new Map<string, Agent>();
  readonly #ordered: Agent[] = [];
  readonly #bySkill = new Map<string, SkillPool>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Agent | undefined {
    return this.#byId.get(id);
  }

  /** Every agent in order of id. */
  all(): readonly Agent[] {
    return this.#ordered;
  }

  withSkill(skill: string): SkillPool | undefined {
    return this.#bySkill.get(skill);
  }

  add(agent: Agent): void {
    this.#byId.set(agent.id, agent);
    insert(this.#ordered, agent);
    this.#addSkills(agent);
  }

  remove(agent: Agent): void {
    this.#byId.delete(agent.id);
    withdraw(this.#ordered, agent);
    this.#removeSkills(agent);
  }

  replaceCard(agent: Agent, card: Card): void {
    this.#removeSkills(agent);
    agent.card = card;
    this.#addSkills(agent);
  }

  #addSkills(agent: Agent): void {
    for (const skill of agent.card.skills) {
      const pool = this.#bySkill.get(skill.id);
      if (pool === undefined) this.#bySkill.set(skill.id, { agents: [agent], turn: 0 });
      else insert(pool.agents, agent);
    }
  }

  #removeSkills(agent: Agent): void {
    for (const skill of agent.card.skills) {
      const pool = this.#bySkill.get(skill.id);
      if (pool === undefined) continue;
      withdraw(pool.agents, agent);
      if (pool.agents.length === 0) this.#bySkill.delete(skill.id);
    }
  }
}

/** Index of the first agent whose id is not before `id`. */
export function lowerBound(agents: readonly Agent[], id: string): number {
  let low = 0;
  let high = agents.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const agent = agents[middle];
    if (agent !== undefined && agent.id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(agents: Agent[], agent: Agent): void {
  agents.splice(lowerBound(agents, agent.id), 0, agent);
}

function withdraw(agents: Agent[], agent: Agent): void {
  const at = lowerBound(agents, agent.id);
  if (agents[at] === agent) agents.splice(at, 1);
}
