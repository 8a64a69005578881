import type { Session } from '../rpc/session.js';
import type { Agent } from './agent.js';

/** Which connection owns which agents. */
export class Ownership {
  readonly #owned = new Map<Session, { readonly agents: Set<Agent>; readonly forget: () => void }>();

  /** @param onGone called with each agent that a connection owned when it ended */
  constructor(private readonly onGone: (agent: Agent) => void) {}

  /** Gives an agent to a connection, and takes it from the one that had it. */
  give(agent: Agent, session: Session): void {
    this.take(agent);
    if (session.closed) {
      this.onGone(agent);
      return;
    }
    agent.session = session;
    const known = this.#owned.get(session);
    if (known !== undefined) {
      known.agents.add(agent);
      return;
    }
    const agents = new Set([agent]);
    const forget = session.onClose(() => {
      this.#owned.delete(session);
      for (const each of agents) {
        each.session = undefined;
        this.onGone(each);
      }
    });
    this.#owned.set(session, { agents, forget });
  }

  /** Takes an agent from its connection, which is no longer listened to once it has none. */
  take(agent: Agent): void {
    if (agent.session === undefined) return;
    const owned = this.#owned.get(agent.session);
    owned?.agents.delete(agent);
    if (owned?.agents.size === 0) {
      owned.forget();
      this.#owned.delete(agent.session);
    }
    agent.session = undefined;
  }

  /** The agent of a connection that owns exactly one. */
  onlyAgentOf(session: Session): Agent | undefined {
    const owned = this.#owned.get(session)?.agents;
    if (owned?.size !== 1) return undefined;
    for (const agent of owned) return agent;
    return undefined;
  }
}
