import { events } from '@ai-orchestrator/protocol';
import type { DetailsOf, EventDeclaration } from '@ai-orchestrator/protocol';
import { DAEMON } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { EventDraft } from '../store/record.js';
import type { JsonValue } from '../store/store.js';
import type { Lease } from './agent.js';
import type { AgentCard } from './card-check.js';

/** Drafts of the journal's records about one agent. */
export class AgentDrafts {
  /** @param call without it, the daemon does it on its own account */
  constructor(
    private readonly agentId: string,
    private readonly call: Call | undefined,
  ) {}

  registered(card: AgentCard, { epoch }: Lease): EventDraft {
    const skills = card.skills.map((skill) => skill.id);
    return this.#draft(events.agentRegistered, { agentId: this.agentId, version: card.version, skills, epoch });
  }

  stateChanged(from: string, { state, epoch }: Lease, reason?: string): EventDraft {
    const details = { agentId: this.agentId, from, to: state, epoch };
    return this.#draft(events.agentStateChanged, reason === undefined ? details : { ...details, reason });
  }

  takenOver({ epoch }: Lease): EventDraft {
    return this.#draft(events.agentTakenOver, { agentId: this.agentId, epoch });
  }

  deregistered({ epoch }: Lease): EventDraft {
    return this.#draft(events.agentDeregistered, { agentId: this.agentId, epoch });
  }

  claimRefused(method: string): EventDraft {
    return { ...this.#draft(events.permissionDenied, { permission: 'agent:register', method }), outcome: 'denied' };
  }

  #draft<E extends EventDeclaration>(event: E, details: DetailsOf<E> & Record<string, JsonValue>): EventDraft {
    const traceId = this.call?.traceparent?.split('-')[1];
    const draft = {
      action: event.name,
      resource: `agent/${this.agentId}`,
      principal: (this.call?.principal ?? DAEMON).id,
      details,
    };
    return traceId === undefined ? draft : { ...draft, traceId };
  }
}
