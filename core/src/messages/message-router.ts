import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, messageMethods } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Agent } from '../agents/agent.js';
import { hasSkill } from '../agents/agent-query.js';
import { AgentRegistry } from '../agents/agent-registry.js';
import { Instruments } from '../host/instruments.js';
import type { Counter, Histogram, Labeled } from '../host/instruments.js';
import { Clock, Random } from '../host/time.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Answer, Session } from '../rpc/session.js';
import { agentFailed } from './agent-error.js';
import { checkInput } from './check-input.js';
import { chooseAgent, isOpen } from './choose-agent.js';
import { envelopeText } from './envelope-text.js';
import { MessageIds } from './message-ids.js';
import { chainOf } from './lineage.js';
import type { Ancestor } from './lineage.js';
import { MessageLimits } from './message-limits.js';
import type { PendingMessage } from './pending-message.js';
import { IdTable } from '../host/id-table.js';

type RequestParams = HandlerParamsOf<typeof messageMethods.messageRequest>;
type PartParams = HandlerParamsOf<typeof messageMethods.messagePart>;

/** What a request came to, as it is counted. */
type Outcome = 'answered' | 'failed' | 'timeout' | 'canceled' | 'offline' | 'refused';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Carries requests to agents and their answers back, in memory: nothing is stored, and payloads pass as the bytes they came in. Only
 * where the skill has an input schema is a payload parsed, once, to be validated.
 */
@injectable()
export class MessageRouter {
  readonly #pending = new IdTable<PendingMessage>();
  readonly #ids: MessageIds;
  readonly #outcomes: Readonly<Record<Outcome, Counter>>;
  readonly #seconds: Histogram;
  readonly #partsDropped: Counter;
  readonly #work: ((id: string, session: Session) => Ancestor | undefined)[] = [];

  constructor(
    @inject(AgentRegistry) private readonly agents: AgentRegistry,
    @inject(Clock) private readonly clock: Clock,
    @inject(Random) random: Random,
    @inject(Authorizer) private readonly authorizer: Authorizer,
    @inject(Instruments) instruments: Instruments,
    @inject(MessageLimits) private readonly limits: MessageLimits,
  ) {
    this.#ids = new MessageIds(clock, random);
    const requests = instruments.counter('orchestrator_message_requests_total', 'Requests to agents.', ['outcome']);
    this.#outcomes = outcomeCounters(requests);
    this.#seconds = instruments
      .histogram('orchestrator_message_request_seconds', 'From request to answer of an agent.', SECONDS)
      .with();
    this.#partsDropped = instruments
      .counter('orchestrator_message_parts_dropped_total', 'Partial answers that nobody waits for.')
      .with();
    instruments.gauge('orchestrator_message_requests_in_flight', 'Requests that agents work on.', [], () => [
      { value: this.#pending.size },
    ]);
    agents.onReplaced((agent, session) => {
      this.#abandon(agent, session);
    });
  }

  /** Requests that agents work on now. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /** Says how work is found, durable messages or tasks, that a connection is at. */
  findWork(find: (id: string, session: Session) => Ancestor | undefined): void {
    this.#work.push(find);
  }

  /** The durable message or task with this id, if a connection is at it. */
  workOf(id: string, session: Session): Ancestor | undefined {
    for (const find of this.#work) {
      const found = find(id, session);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Answers `message.request`. Nothing here awaits before the payload has been handed to the agent's session. */
  request(params: RequestParams, call: Call): Promise<RelayedJson> {
    try {
      const payload = call.relayed;
      if (payload === undefined) throw missingPayload();
      if (this.#pending.size >= this.limits.inFlight) throw tooMany(this.limits.inFlight);
      const parent = params.parentId === undefined ? undefined : this.parent(params.parentId, call.session);
      const hops = parent === undefined ? 0 : parent.hops + 1;
      const skill = 'skill' in params.to ? params.to.skill : undefined;
      const agent =
        'agent' in params.to
          ? this.#agent(params.to.agent, call.principal)
          : this.#agentWith(params.to, call.principal);
      if (skill !== undefined) checkInput(this.agents.schemas, agent, skill, payload);
      return this.#send(params, call, payload, agent, skill, parent, hops);
    } catch (error) {
      this.#outcomes.refused.add();
      throw error;
    }
  }

  /** Answers `message.part`: passes one part of an answer on, in order, before the answer itself. */
  part(params: PartParams, call: Call): null {
    const message = this.#pending.get(params.messageId);
    if (message === undefined || call.relayed === undefined) {
      this.#partsDropped.add();
      throw new OrchestratorError('not_found', 'nobody waits for this message', {
        resource: `message/${params.messageId}`,
      });
    }
    if (message.session !== call.session) {
      throw new OrchestratorError('stale_epoch', `message ${params.messageId} was not delivered on this connection`);
    }
    const { partsTo } = message;
    if (partsTo === undefined) {
      this.#partsDropped.add();
      return null;
    }
    const fields = { requestId: partsTo.requestId, sequence: message.parts++ };
    if (!partsTo.session.notify('message.partial', new RelayedJson(call.relayed, 'payload', fields))) {
      this.#cancel(message, 'the sender does not take its parts');
    }
    return null;
  }

  #send(
    params: RequestParams,
    call: Call,
    payload: Uint8Array,
    agent: Agent,
    skill: string | undefined,
    parent: Ancestor | undefined,
    hops: number,
  ): Promise<RelayedJson> {
    const { session } = agent;
    if (session === undefined) throw offline(agent.id);
    const now = this.clock.monotonicMs();
    const wanted = now + (params.timeoutMs ?? this.limits.timeoutMs);
    const deadline = parent === undefined ? wanted : Math.min(wanted, parent.deadline);
    const timeoutMs = Math.ceil(deadline - now);
    if (timeoutMs <= 0) throw new OrchestratorError('deadline_exceeded', 'the message being handled has no time left');
    const streaming = params.stream === true && call.session !== undefined && call.id !== undefined;
    const traceparent = params.traceparent ?? call.traceparent ?? parent?.traceparent;
    return new Promise((resolve, reject) => {
      const message: PendingMessage = {
        id: this.#ids.next(),
        agent,
        session,
        parent,
        hops,
        deadline,
        traceparent,
        partsTo: streaming ? { session: call.session, requestId: call.id } : undefined,
        resolve,
        reject,
        call: undefined,
        nextInBucket: undefined,
        parts: 0,
      };
      const fields = this.#envelope(message, call, skill, timeoutMs);
      const delivery = new RelayedJson(payload, 'payload', fields);
      try {
        message.call = session.request('message.deliver', delivery, timeoutMs, (answer) => {
          this.#answered(message, answer, now);
        });
      } catch (error) {
        // Thrown in here it rejects the promise, past whoever counts refusals.
        this.#outcomes.refused.add();
        throw error;
      }
      agent.inFlight++;
      this.#pending.add(message);
      call.onCancel((reason) => {
        this.#cancel(message, reason);
      });
    });
  }

  #envelope(message: PendingMessage, call: Call, skill: string | undefined, timeoutMs: number): string {
    const { id, agent, hops, traceparent, parent, partsTo } = message;
    const fromAgent = parent?.agent ?? (call.session && this.agents.directory.onlyAgentOf(call.session));
    const envelope = { id, from: call.principal.id, to: agent.id, hops, timeoutMs };
    return `"message":${envelopeText(envelope, fromAgent?.id, skill, partsTo !== undefined, traceparent)}`;
  }

  #answered(message: PendingMessage, answer: Answer, sentAt: number): void {
    if (!this.#forget(message)) return;
    this.#seconds.observe((this.clock.monotonicMs() - sentAt) / 1000);
    const agentId = message.agent.id;
    switch (answer.kind) {
      case 'result':
        this.#outcomes.answered.add();
        message.resolve(new RelayedJson(answer.bytes, 'payload', `"agent":"${agentId}"`));
        return;
      case 'error':
        this.#outcomes.failed.add();
        message.reject(agentFailed(agentId, answer, this.limits.agentErrorCharacters));
        return;
      case 'timeout':
        this.#outcomes.timeout.add();
        message.reject(
          new OrchestratorError('deadline_exceeded', `${agentId} did not answer in time`, { agent: agentId }),
        );
        return;
      case 'closed':
        this.#outcomes.offline.add();
        message.reject(offline(agentId));
        return;
    }
  }

  #cancel(message: PendingMessage, reason: string): void {
    if (!this.#forget(message)) return;
    message.call?.cancel(reason);
    this.#outcomes.canceled.add();
    message.reject(new OrchestratorError('canceled', reason));
  }

  /** A connection lost its agent to another: what it was working on is answered by nobody. */
  #abandon(agent: Agent, session: Session): void {
    for (const message of this.#pending.values()) {
      if (message.agent !== agent || message.session !== session || !this.#forget(message)) continue;
      message.call?.cancel('another connection has taken the agent over');
      this.#outcomes.offline.add();
      message.reject(offline(agent.id));
    }
  }

  #forget(message: PendingMessage): boolean {
    if (!this.#pending.delete(message)) return false;
    message.agent.inFlight--;
    return true;
  }

  /**
   * What a connection is at: a message, request or durable, or a task.
   *
   * @throws OrchestratorError `not_found`, `hop_limit` when nothing more may be sent on its account
   */
  parent(id: string, session: Session | undefined): Ancestor {
    const pending = this.#pending.get(id);
    const parent = pending?.session === session ? pending : session && this.workOf(id, session);
    if (parent !== undefined) {
      this.expectHop(parent);
      return parent;
    }
    throw new OrchestratorError(
      'not_found',
      'parentId is no message that this connection handles, nor a task that it works on',
      {
        resource: `message/${id}`,
      },
    );
  }

  /** @throws OrchestratorError `hop_limit` with the chain when nothing more may come of it */
  expectHop(parent: Ancestor): void {
    if (parent.hops + 1 < this.limits.hops) return;
    const chain = chainOf(parent);
    throw new OrchestratorError('hop_limit', `${String(chain.length)} agents: ${chain.join(' -> ')}`, { chain });
  }

  #agent(agentId: string, principal: Principal): Agent {
    const agent = this.agents.directory.visible(principal, agentId, 'message:request');
    if (!isOpen(agent)) {
      const { state } = agent.lease;
      if (state === 'offline' || agent.session === undefined) throw offline(agentId);
      throw new OrchestratorError('agent_unavailable', `${agentId} is ${state}`, { state, agent: agentId });
    }
    if (agent.inFlight >= this.limits.inFlightPerAgent) throw tooMany(this.limits.inFlightPerAgent, agentId);
    return agent;
  }

  #agentWith(to: Extract<RequestParams['to'], { skill: string }>, principal: Principal): Agent {
    return chooseAgent(to.skill, this.agents.directory.withSkill(to.skill), this.limits.inFlightPerAgent, (agent) => {
      if ((to.version ?? to.labels) !== undefined && !hasSkill(agent, to, this.agents.directory.ranges)) return false;
      return this.authorizer.authorize(principal, 'message:request', agent.resource).allowed;
    });
  }
}

function outcomeCounters(requests: Labeled<Counter>): Readonly<Record<Outcome, Counter>> {
  return {
    answered: requests.with('answered'),
    failed: requests.with('failed'),
    timeout: requests.with('timeout'),
    canceled: requests.with('canceled'),
    offline: requests.with('offline'),
    refused: requests.with('refused'),
  };
}

function offline(agentId: string): OrchestratorError {
  return new OrchestratorError('agent_offline', agentId, { agent: agentId });
}

function tooMany(limit: number, agentId?: string): OrchestratorError {
  return new OrchestratorError(
    'too_many_pending',
    `${agentId ?? 'all agents together'}: ${String(limit)} requests in flight`,
    { limit },
  );
}

function missingPayload(): OrchestratorError {
  const issues = [{ path: '/payload', message: 'is required' }];
  return new OrchestratorError('invalid_params', '/payload is required', { issues });
}
