import { injectable } from 'tsyringe';
import { token } from '../plugin/token.js';

/** Which registered agents are whose, for whoever decides by that. */
export interface AgentOwners {
  /** An agent is registered from now on. */
  add(agentId: string, principalId: string): void;
  /** It is not any more. */
  remove(agentId: string, principalId: string): void;
  /** Ids of a principal's registered agents, connected or not. */
  of(principalId: string): ReadonlySet<string>;
  /** Called with each agent that is added or removed, and whose it is; answers how to stop listening. */
  onChanged(listener: (agentId: string, principalId: string) => void): () => void;
}
/** Token of {@link AgentOwners}. */
export const AgentOwners = token<AgentOwners>('agent-owners');

const NONE: ReadonlySet<string> = new Set();

/** Kept in memory; as large as the registry of agents, whose limits bound it. */
@injectable()
export class MemoryAgentOwners implements AgentOwners {
  readonly #agents = new Map<string, Set<string>>();
  readonly #listeners = new Set<(agentId: string, principalId: string) => void>();

  add(agentId: string, principalId: string): void {
    const ids = this.#agents.get(principalId);
    if (ids === undefined) this.#agents.set(principalId, new Set([agentId]));
    else ids.add(agentId);
    this.#tell(agentId, principalId);
  }

  remove(agentId: string, principalId: string): void {
    const ids = this.#agents.get(principalId);
    if (ids?.delete(agentId) !== true) return;
    if (ids.size === 0) this.#agents.delete(principalId);
    this.#tell(agentId, principalId);
  }

  of(principalId: string): ReadonlySet<string> {
    return this.#agents.get(principalId) ?? NONE;
  }

  onChanged(listener: (agentId: string, principalId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(agentId: string, principalId: string): void {
    for (const listener of this.#listeners) listener(agentId, principalId);
  }
}
