import type { Agent } from '../agents/agent.js';
import type { Card } from '../agents/card-pool.js';
import type { Clock } from '../host/time.js';
import { isOpen } from '../messages/choose-agent.js';
import type { Session } from '../rpc/session.js';
import type { HeldTask, HeldTasks } from './held-tasks.js';

/** The lanes that an opening takes from, and what they were found with. */
export interface OpeningLanes {
  readonly suspects: readonly string[];
  readonly others: readonly string[];
  readonly card: Card | undefined;
  readonly version: string;
}

/** An agent that takes tasks: as calls on its connection, or one time as the answer to a pull. */
export class Opening {
  /** Places given away to tasks that are on their way to it. */
  reserved = 0;
  /** One of those is a suspect: it gets nothing else. */
  alone = false;
  /** The lanes it takes from, those of suspects first; found anew when the card or the targets have changed. */
  lanes: OpeningLanes = { suspects: [], others: [], card: undefined, version: '' };

  constructor(
    readonly agent: Agent,
    readonly session: Session | undefined,
    /** Tasks at a time. */
    readonly window: number,
    readonly kind: 'push' | 'pull',
  ) {}

  get usable(): boolean {
    if (this.kind === 'pull') return true;
    return (
      this.session !== undefined && !this.session.closed && this.agent.session === this.session && isOpen(this.agent)
    );
  }
}

/** The agents that take tasks as calls. */
export class Openings {
  readonly #byAgent = new Map<string, Opening>();
  #turn = 0;

  /** @param aloneMs how long a suspect keeps everything else from its worker */
  constructor(
    private readonly held: HeldTasks,
    private readonly clock: Clock,
    private readonly aloneMs: number,
  ) {}

  get size(): number {
    return this.#byAgent.size;
  }

  all(): Iterable<Opening> {
    return this.#byAgent.values();
  }

  get(agentId: string): Opening | undefined {
    return this.#byAgent.get(agentId);
  }

  open(opening: Opening): void {
    this.#byAgent.set(opening.agent.id, opening);
  }

  /** Answers the opening if there was one; `only` closes it only if it is that one. */
  close(agentId: string, only?: Opening): Opening | undefined {
    const opening = this.#byAgent.get(agentId);
    if (opening === undefined || (only !== undefined && only !== opening)) return undefined;
    this.#byAgent.delete(agentId);
    return opening;
  }

  /** Whether it can take another task now; a suspect goes to one that has nothing else, and keeps everything else from it for a while. */
  hasRoom(opening: Opening, suspect: boolean): boolean {
    const held = this.held.ofAgent(opening.agent.id);
    const taken = opening.reserved + (held?.size ?? 0);
    if (suspect && taken > 0) return false;
    if (opening.kind === 'push' && taken >= opening.window) return false;
    return !opening.alone && !this.#hasSuspect(held);
  }

  #hasSuspect(held: ReadonlySet<HeldTask> | undefined): boolean {
    if (held?.size !== 1) return false;
    // Not for ever: it may wait for a task of its own that only this worker does.
    for (const each of held) {
      if (each.task.suspect === true && this.clock.monotonicMs() - each.heldSince < this.aloneMs) return true;
    }
    return false;
  }

  /** Of those agents, the one with room that has the fewest tasks; of equals the next in turn. */
  choose(agents: readonly Agent[], fits: (agent: Agent) => boolean): Opening | undefined {
    let chosen: Opening | undefined;
    let least = Infinity;
    const count = agents.length;
    const first = this.#turn++ % Math.max(1, count);
    for (let i = 0; i < count && least > 0; i++) {
      const opening = this.#byAgent.get(agents[(first + i) % count]?.id ?? '');
      if (opening === undefined || !opening.usable || !this.hasRoom(opening, false)) continue;
      const load = this.load(opening) + (opening.agent.lease.state === 'busy' ? opening.window : 0);
      if (load < least && fits(opening.agent)) {
        chosen = opening;
        least = load;
      }
    }
    return chosen;
  }

  load(opening: Opening): number {
    return opening.reserved + (this.held.ofAgent(opening.agent.id)?.size ?? 0);
  }
}
