import type { agentMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { Session } from '../rpc/session.js';
import type { AgentCard } from './card-check.js';
import type { Card } from './card-pool.js';
import type { AgentState } from './life-cycle.js';

/** An agent as callers see it. */
export type AgentRecord = Static<typeof agentMethods.AgentRecord>;

/** A principal that has agents; one object each, shared by its agents. */
export interface Owner {
  readonly id: string;
  /** Agents registered now. */
  registered: number;
  /** Ids ever claimed. */
  ids: number;
}

/** One agent in memory. Only the registry changes it, and the router its count of requests. */
export class Agent {
  /** Name for the authorizer and the journal. */
  readonly resource: string;
  /** Requests it is working on now. */
  inFlight = 0;
  /** The connection that owns it; none while it is away. */
  session: Session | undefined;
  /** When the lease of an agent that is away runs out, monotonic ms. */
  awayUntil = 0;

  constructor(
    readonly id: string,
    readonly owner: Owner,
    /** Wall-clock ms. */
    readonly registeredAt: number,
    public card: Card,
    public lease: Lease,
    /** Revisions of its two entries in the store. */
    public revisions: { readonly agent: number; readonly lease: number },
  ) {
    this.resource = `agent/${id}`;
  }
}

/** The one record that presence and ownership derive from. */
export interface Lease {
  readonly epoch: number;
  readonly state: AgentState;
  readonly leaseMs: number;
  /** Wall-clock ms of the last change of card or state. */
  readonly updatedAt: number;
  /** Why it is suspended. */
  readonly reason?: string;
}

/** @param leaseExpiresAt wall-clock ms; none for an agent that has no lease */
export function recordOf(
  agent: { readonly id: string; readonly owner: Owner; readonly registeredAt: number; readonly inFlight: number },
  cardText: string,
  lease: Lease,
  leaseExpiresAt: number | undefined,
): AgentRecord {
  return {
    agentId: agent.id,
    card: JSON.parse(cardText) as AgentCard,
    owner: agent.owner.id,
    state: lease.state,
    epoch: lease.epoch,
    inFlight: agent.inFlight,
    registeredAt: new Date(agent.registeredAt).toISOString(),
    updatedAt: new Date(lease.updatedAt).toISOString(),
    ...(leaseExpiresAt === undefined ? {} : { leaseExpiresAt: new Date(leaseExpiresAt).toISOString() }),
    ...(lease.reason === undefined ? {} : { reason: lease.reason }),
  };
}
