import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { AgentTools, OfferedTools } from './agent-tool.js';
import type { HandlesMessages, MessageOptions } from './inbox.js';
import type { AgentCard, HasHandler, Skills } from './skill.js';

/** An agent as the daemon knows it. */
export type AgentRecord = ResultOf<Methods['agent.get']>;
type Registration = ParamsOf<Methods['agent.register']>;

/** What an agent is, and how it answers. */
export interface AgentOptions extends Pick<Registration, 'agentId' | 'leaseMs' | 'state'>, Partial<HasHandler> {
  readonly card: AgentCard;
  /** What it can do, by skill id. What names no skill goes to `handler`, or without one to the only skill there is. */
  readonly skills?: Skills;
  /** Tools that it provides, by name; offered anew on each connection. */
  readonly tools?: AgentTools;
  /** Who handles durable messages, by their type; those of other types are done by the skill that they name. */
  readonly messages?: Readonly<Record<string, HandlesMessages & MessageOptions>>;
  /** Things worked on at a time; 32 unless said. */
  readonly concurrency?: number;
  /** Requests that wait for their turn; more are refused with `agent_unavailable`. 256 unless said. */
  readonly maxWaiting?: number;
}

/** Why an agent is no longer ours. */
export type AgentEnd =
  | { readonly reason: 'deregistered' }
  /** Another connection of the same principal registered it. */
  | { readonly reason: 'replaced' }
  /** The daemon refused to register it again after a reconnect. */
  | { readonly reason: 'refused'; readonly error: Error }
  /** The client was closed; the daemon keeps the agent until its lease runs out. */
  | { readonly reason: 'closed'; readonly error?: Error };

/** What the daemon made of an agent. */
export interface Registered {
  readonly record: AgentRecord;
  readonly offered: OfferedTools | undefined;
}

/** How an agent reaches the daemon. */
export interface AgentOwner {
  setState(agentId: string, state: 'ready' | 'busy' | 'draining'): Promise<AgentRecord>;
  deregister(agentId: string): Promise<void>;
  onMessage(agentId: string, type: string, handler: HandlesMessages['handler'], options?: MessageOptions): () => void;
}

/** An agent that this client answers for, over all reconnects. */
export class Agent {
  /** As it was last registered. */
  record: AgentRecord;
  /** What became of its tools when they were last offered; `undefined` for an agent without any. */
  offered: OfferedTools | undefined;
  /** Resolves when the agent is no longer ours; never rejects. */
  readonly ended: Promise<AgentEnd>;
  readonly #owner: AgentOwner;

  /** @internal */
  constructor(owner: AgentOwner, { record, offered }: Registered, ended: Promise<AgentEnd>) {
    this.#owner = owner;
    this.record = record;
    this.offered = offered;
    this.ended = ended;
  }

  /** Says whether it takes requests; kept over reconnects. */
  async setState(state: 'ready' | 'busy' | 'draining'): Promise<void> {
    this.record = await this.#owner.setState(this.record.agentId, state);
  }

  /**
   * Handles durable messages of a type from now on. A message is acknowledged once its handler is done, and handed back when it throws;
   * while it is handled its time is extended. A message is handled once by this client as long as it remembers it, however often it
   * comes. Answers how to stop.
   *
   * @throws Error when the type has a handler already
   */
  onMessage(type: string, handler: HandlesMessages['handler'], options?: MessageOptions): () => void {
    return this.#owner.onMessage(this.record.agentId, type, handler, options);
  }

  /** Takes it out of the registry. */
  async deregister(): Promise<void> {
    await this.#owner.deregister(this.record.agentId);
  }
}
