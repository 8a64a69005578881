import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { agentMethods, HandlerParamsOf } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock, Timers } from '../host/time.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Call } from '../rpc/call.js';
import { CLOSE } from '../rpc/close-codes.js';
import type { Session } from '../rpc/session.js';
import { connectionOf } from '../rpc/session-handlers.js';
import { commitEffect, directEffect } from '../store/commit-effect.js';
import { Effects } from '../store/effects.js';
import type { Effect } from '../store/effects.js';
import { KeyedQueue } from '../store/keyed-queue.js';
import type { EventDraft } from '../store/record.js';
import { Store } from '../store/store.js';
import { recordOf } from './agent.js';
import type { Agent, AgentRecord, Lease, Owner } from './agent.js';
import { AgentDirectory } from './agent-directory.js';
import { AgentDrafts } from './agent-drafts.js';
import { allEntries, commitOf, readEntries } from './agent-entries.js';
import { AgentLimits } from './agent-limits.js';
import { AgentOwners } from './agent-owners.js';
import { checkedCardText } from './card-check.js';
import { FlapLimiter } from './flap-limiter.js';
import { checkTransition, TRANSITIONS } from './life-cycle.js';
import type { Actor, AgentState } from './life-cycle.js';
import { SkillSchemas } from './skill-schemas.js';

type Params<M extends keyof typeof agentMethods> = HandlerParamsOf<(typeof agentMethods)[M]>;

const SWEEP_AT_ONCE = 256;

/**
 * Changes agents. Changes of one agent happen one after another; each is one commit of its entries and events, and memory follows the
 * commit.
 *
 * An open connection is a lease that does not run out, because sessions close connections that answer no ping; it begins to run out
 * when the connection ends. Within it the agent can come back without a record being made.
 */
@injectable()
export class AgentRegistry {
  readonly directory: AgentDirectory;
  readonly schemas: SkillSchemas;
  readonly #queue: KeyedQueue;
  readonly #flaps: FlapLimiter;
  #sweeping: Promise<void> = Promise.resolve();
  readonly #replacedListeners: ((agent: Agent, session: Session) => void)[] = [];
  readonly #movedListeners: ((agent: Agent) => void)[] = [];

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Effects) private readonly effects: Effects,
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Authorizer) private readonly authorizer: Authorizer,
    @inject(AgentLimits) private readonly limits: AgentLimits,
    @inject(AgentOwners) owners: AgentOwners,
  ) {
    this.schemas = new SkillSchemas(limits);
    this.#queue = new KeyedQueue(limits.waitingPerAgent);
    this.#flaps = new FlapLimiter(limits, clock);
    this.directory = new AgentDirectory(clock, authorizer, limits, owners, (agent) => this.#leaseOf(agent));
  }

  /** Reads what the store knows and begins to look for leases that ran out; answers how to stop. */
  async start(onSweepError: (error: unknown) => void): Promise<() => Promise<void>> {
    for await (const entries of allEntries(this.store)) this.directory.restore(entries);
    const timer = this.timers.every(this.limits.sweepMs, () => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch(onSweepError);
    });
    return async () => {
      timer.cancel();
      await this.#sweeping;
    };
  }

  /** Called when an agent is taken from a connection that is still open. */
  onReplaced(listener: (agent: Agent, session: Session) => void): void {
    this.#replacedListeners.push(listener);
  }

  /** Called when an agent has another state or another connection, or is registered no more. */
  onMoved(listener: (agent: Agent) => void): void {
    this.#movedListeners.push(listener);
  }

  /**
   * Ends the connections of agents that may no longer be registered: they are sent nothing more, and go offline like others that
   * lost their connection.
   */
  endForbidden(): void {
    for (const { session } of this.directory.all()) {
      const principal = session?.principal;
      if (session === undefined || principal === undefined) continue;
      if (!this.authorizer.authorize(principal, 'agent:register').allowed) {
        session.close(CLOSE.credentialEnded, 'permission_revoked');
      }
    }
  }

  register(params: Params<'agentRegister'>, call: Call): Promise<AgentRecord> {
    const session = connectionOf(call);
    this.#flaps.count(call.principal.id, params.agentId);
    const text = checkedCardText(params.card, this.schemas, this.limits);
    // A kept answer is of no use to another connection: it is this one that must own the agent.
    const owned = (record: AgentRecord): boolean => {
      const agent = this.directory.find(params.agentId);
      return agent?.session === session && agent.lease.epoch === record.epoch;
    };
    return this.#change(
      params.agentId,
      call,
      params,
      (effect) => this.#register(params, text, call, session, effect),
      owned,
    );
  }

  setState(params: Params<'agentSetState'>, call: Call): Promise<AgentRecord> {
    const { agentId, state } = params;
    return this.#change(agentId, call, params, async (effect) => {
      const agent = this.directory.owned(agentId, call);
      return agent.lease.state === state
        ? this.directory.record(agent)
        : this.#move(agent, state, 'agent', call, effect);
    });
  }

  suspend(params: Params<'agentSuspend'>, call: Call): Promise<AgentRecord> {
    return this.#change(params.agentId, call, params, (effect) => {
      const agent = this.directory.visible(call.principal, params.agentId, 'agent:admin');
      return this.#move(agent, 'suspended', 'operator', call, effect, params.reason);
    });
  }

  resume(params: Params<'agentResume'>, call: Call): Promise<AgentRecord> {
    return this.#change(params.agentId, call, params, (effect) => {
      const agent = this.directory.visible(call.principal, params.agentId, 'agent:admin');
      return this.#move(agent, agent.session === undefined ? 'offline' : 'ready', 'operator', call, effect);
    });
  }

  /** Nothing is written: the connection holds the lease. */
  heartbeat({ agentId }: Params<'agentHeartbeat'>, call: Call): { epoch: number; leaseExpiresAt: string } {
    const { lease } = this.directory.owned(agentId, call);
    return { epoch: lease.epoch, leaseExpiresAt: new Date(this.clock.now() + lease.leaseMs).toISOString() };
  }

  /** An agent that is away may be deregistered by any connection of its principal. */
  deregister(params: Params<'agentDeregister'>, call: Call): Promise<{ done: true }> {
    return this.#change(params.agentId, call, params, async (effect) => {
      const mine = this.directory.mine(params.agentId, call.principal);
      const agent = mine.session === undefined ? mine : this.directory.owned(params.agentId, call);
      checkTransition(agent.id, agent.lease.state, 'deregistered', 'agent');
      const lease = moved(agent.lease, 'deregistered', this.clock.now());
      const kept = { owner: agent.owner.id, card: null, registeredAt: agent.registeredAt };
      const done = { done: true } as const;
      const drafts = [new AgentDrafts(agent.id, call).deregistered(lease)];
      await effect.commit({ ...commitOf(agent.id, agent.revisions, lease, kept), events: drafts }, done);
      agent.lease = lease;
      this.directory.remove(agent);
      this.#moved(agent);
      return done;
    });
  }

  /** Agents whose lease ran out go offline. */
  async sweep(): Promise<void> {
    const overdue = this.directory.overdue();
    for (let i = 0; i < overdue.length; i += SWEEP_AT_ONCE) {
      await Promise.all(
        overdue.slice(i, i + SWEEP_AT_ONCE).map((agent) => this.#queue.run(agent.id, () => this.#expire(agent))),
      );
    }
  }

  async #expire(agent: Agent): Promise<void> {
    if (!this.directory.isOverdue(agent)) return;
    if (TRANSITIONS[agent.lease.state].offline === 'daemon') {
      const direct = directEffect(this.store);
      await this.#move(agent, 'offline', 'daemon', undefined, direct, 'its lease ran out');
    }
    // It may have come back while the commit was on its way.
    if (agent.session === undefined) this.directory.forgetLease(agent);
  }

  #change<T extends AgentRecord | { done: true }>(
    agentId: string,
    call: Call,
    params: { readonly idempotencyKey?: string },
    run: (effect: Effect) => Promise<T>,
    stillHolds?: (answer: T) => boolean,
  ): Promise<T> {
    const queued = (effect: Effect): Promise<T> => this.#queue.run(agentId, async () => run(effect));
    return this.effects.perform(call, params, queued, stillHolds);
  }

  async #register(
    params: Params<'agentRegister'>,
    text: string,
    call: Call,
    session: Session,
    effect: Effect,
  ): Promise<AgentRecord> {
    const { agentId, card } = params;
    const drafts = new AgentDrafts(agentId, call);
    const known = this.directory.find(agentId);
    const earlier = known === undefined ? await readEntries(this.store, agentId) : undefined;
    const boundTo = known?.owner.id ?? earlier?.agent.owner;
    if (boundTo !== undefined && boundTo !== call.principal.id) {
      await commitEffect(this.store, { events: [drafts.claimRefused(call.method)] });
      throw new OrchestratorError('agent_id_taken', agentId, { resource: `agent/${agentId}` });
    }
    const owner = this.directory.owner(call.principal.id);
    if (known === undefined) this.#checkRoom(owner, earlier === undefined);

    const now = this.clock.now();
    const before = known?.lease ?? earlier?.lease;
    const from = before?.state ?? 'deregistered';
    // A suspension outlives the connection; only an operator ends it.
    const to = from === 'suspended' ? from : (params.state ?? 'ready');
    if (from !== to) checkTransition(agentId, from, to, 'agent');
    const sameCard = known?.card.text === text;
    const here = known?.session === session;
    const lease: Lease = {
      epoch: (before?.epoch ?? 0) + (here ? 0 : 1),
      state: to,
      leaseMs: params.leaseMs ?? this.limits.leaseMs,
      updatedAt: sameCard && from === to ? known.lease.updatedAt : now,
      ...(to === 'suspended' && before?.reason !== undefined ? { reason: before.reason } : {}),
    };
    if (known !== undefined && here && sameCard && from === to && lease.leaseMs === known.lease.leaseMs) {
      return this.directory.record(known);
    }

    const events: EventDraft[] = [];
    if (!sameCard) events.push(drafts.registered(card, lease));
    if (known !== undefined && from !== to) events.push(drafts.stateChanged(from, lease));
    if (!here && known?.session !== undefined) events.push(drafts.takenOver(lease));
    const registeredAt = known?.registeredAt ?? now;
    const kept = sameCard ? undefined : { owner: owner.id, card, registeredAt };
    const revisions = known?.revisions ?? earlier?.revisions ?? { agent: 0, lease: 0 };
    const view = { id: agentId, owner, registeredAt, inFlight: here ? known.inFlight : 0 };
    const record = recordOf(view, text, lease, now + lease.leaseMs);
    const revision = await effect.commit({ ...commitOf(agentId, revisions, lease, kept), events }, record);

    const after = { agent: sameCard ? revisions.agent : revision, lease: revision };
    if (known === undefined) {
      if (earlier === undefined) owner.ids++;
      this.directory.admit(agentId, owner, registeredAt, text, lease, after, session);
      return record;
    }
    known.lease = lease;
    known.revisions = after;
    const lost = this.directory.takeOver(known, text, session);
    if (lost !== undefined) {
      lost.notify('agent.replaced', { agentId, epoch: lease.epoch });
      for (const listener of this.#replacedListeners) listener(known, lost);
    }
    this.#moved(known);
    return record;
  }

  #checkRoom(owner: Owner, claims: boolean): void {
    const { agents, agentsPerPrincipal, idsPerPrincipal } = this.limits;
    if (this.directory.size >= agents) throw full('agents.agents', agents);
    if (owner.registered >= agentsPerPrincipal) throw full('agents.agentsPerPrincipal', agentsPerPrincipal);
    if (claims && owner.ids >= idsPerPrincipal) throw full('agents.idsPerPrincipal', idsPerPrincipal);
  }

  async #move(
    agent: Agent,
    to: AgentState,
    actor: Actor,
    call: Call | undefined,
    effect: Effect,
    reason?: string,
  ): Promise<AgentRecord> {
    const from = agent.lease.state;
    checkTransition(agent.id, from, to, actor);
    const lease = moved(agent.lease, to, this.clock.now(), to === 'suspended' ? reason : undefined);
    const record = this.directory.record(agent, lease);
    const events = [new AgentDrafts(agent.id, call).stateChanged(from, lease, reason)];
    const revision = await effect.commit({ ...commitOf(agent.id, agent.revisions, lease), events }, record);
    agent.lease = lease;
    agent.revisions = { agent: agent.revisions.agent, lease: revision };
    this.#moved(agent);
    return record;
  }

  #moved(agent: Agent): void {
    for (const listener of this.#movedListeners) listener(agent);
  }

  /** One that flaps is given longer, so that others see it gone once and not each time. */
  #leaseOf({ id, owner, lease }: Agent): number {
    return this.#flaps.flapping(owner.id, id) ? Math.max(lease.leaseMs, this.limits.flappingLeaseMs) : lease.leaseMs;
  }
}

function moved(lease: Lease, state: AgentState, updatedAt: number, reason?: string): Lease {
  const { epoch, leaseMs } = lease;
  return { epoch, state, leaseMs, updatedAt, ...(reason === undefined ? {} : { reason }) };
}

function full(limit: string, value: number): OrchestratorError {
  return new OrchestratorError('limit_exceeded', `${limit} is ${String(value)}`, { limit });
}
