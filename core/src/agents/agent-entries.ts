import type { Commit, JsonValue, Store } from '../store/store.js';
import type { AgentCard } from './card-check.js';
import type { Lease } from './agent.js';

/** What the store keeps of an agent for good: who an id belongs to, and its card while it is registered. */
export interface KeptAgent {
  readonly owner: string;
  readonly card: AgentCard | null;
  /** Wall-clock ms. */
  readonly registeredAt: number;
}

/** Both entries of an agent, with their revisions. */
export interface AgentEntries {
  readonly id: string;
  readonly agent: KeptAgent;
  readonly lease: Lease;
  readonly revisions: { readonly agent: number; readonly lease: number };
}

const AGENTS = 'agents/';
const AGENTS_END = 'agents0';

/** Key of an agent's owner and card. */
export function agentKey(id: string): string {
  return AGENTS + id;
}

/** Key of an agent's lease. */
export function leaseKey(id: string): string {
  return `leases/${id}`;
}

/** Reads one agent, registered or not. */
export async function readEntries(store: Store, id: string): Promise<AgentEntries | undefined> {
  const [agent, lease] = await store.getMany([agentKey(id), leaseKey(id)]);
  if (agent === undefined || lease === undefined) return undefined;
  return {
    id,
    agent: agent.value as unknown as KeptAgent,
    lease: lease.value as unknown as Lease,
    revisions: { agent: agent.revision, lease: lease.revision },
  };
}

/** Reads every agent, page by page. */
export async function* allEntries(store: Store): AsyncIterable<AgentEntries> {
  for (let from: string | undefined = AGENTS; from !== undefined;) {
    const page = await store.range({ from, to: AGENTS_END, limit: 1000 });
    const ids = page.entries.map((entry) => entry.key.slice(AGENTS.length));
    const leases = await store.getMany(ids.map(leaseKey));
    for (const [i, entry] of page.entries.entries()) {
      const lease = leases[i];
      const id = ids[i];
      if (lease === undefined || id === undefined) continue;
      yield {
        id,
        agent: entry.value as unknown as KeptAgent,
        lease: lease.value as unknown as Lease,
        revisions: { agent: entry.revision, lease: lease.revision },
      };
    }
    from = page.next;
  }
}

/**
 * A commit of an agent's entries as they must be now.
 *
 * @param kept without it, only the lease is written
 */
export function commitOf(
  id: string,
  revisions: { readonly agent: number; readonly lease: number },
  lease: Lease,
  kept?: KeptAgent,
): Required<Pick<Commit, 'checks' | 'puts'>> {
  const leasePut = { key: leaseKey(id), value: { ...lease } as unknown as JsonValue };
  const checks = [{ key: leaseKey(id), revision: revisions.lease }];
  if (kept === undefined) return { checks, puts: [leasePut] };
  return {
    checks: [...checks, { key: agentKey(id), revision: revisions.agent }],
    puts: [leasePut, { key: agentKey(id), value: kept as unknown as JsonValue }],
  };
}
