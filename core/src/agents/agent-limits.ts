import { token } from '../plugin/token.js';

/** Bounds of the agent registry. */
export interface AgentLimits {
  /** Agents registered at once. */
  readonly agents: number;
  /** Agents of one principal registered at once. */
  readonly agentsPerPrincipal: number;
  /** Ids that one principal has ever claimed; an id is bound for good. */
  readonly idsPerPrincipal: number;
  /** A card as JSON. */
  readonly cardBytes: number;
  /** Parts of all schemas of one card, counted with each local reference followed. */
  readonly schemaNodes: number;
  /** Compiled input schemas kept. */
  readonly compiledSchemas: number;
  /** How long an agent may be gone before it is offline, unless it says so itself. */
  readonly leaseMs: number;
  /** Between two looks for leases that ran out. */
  readonly sweepMs: number;
  /** Registrations of one agent in a row. */
  readonly registerBurst: number;
  /** After the burst, one registration in this time. */
  readonly registerIntervalMs: number;
  /** Lease of an agent that flaps, so that others see it gone once and not each time. */
  readonly flappingLeaseMs: number;
  /** Agents whose registrations are counted at once. */
  readonly countedRegistrations: number;
  /** Changes of one agent that may wait for each other. */
  readonly waitingPerAgent: number;
  /** Cards in one page of a listing, as JSON. */
  readonly pageBytes: number;
}
/** Token of {@link AgentLimits}. */
export const AgentLimits = token<AgentLimits>('agent-limits');
/** What {@link AgentLimits} are unless configured. */
export const AGENT_LIMITS: AgentLimits = {
  agents: 20_000,
  agentsPerPrincipal: 10_000,
  idsPerPrincipal: 50_000,
  cardBytes: 65_536,
  schemaNodes: 2_000,
  compiledSchemas: 256,
  leaseMs: 30_000,
  sweepMs: 500,
  registerBurst: 10,
  registerIntervalMs: 1_000,
  flappingLeaseMs: 60_000,
  countedRegistrations: 10_000,
  waitingPerAgent: 32,
  pageBytes: 1_048_576,
};
