import { OrchestratorError } from '../error.js';
import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { Agent, type AgentEnd, type AgentOptions, type AgentOwner, type AgentRecord } from './agent.js';
import { backoffMs } from './backoff.js';
import type { Calls } from './calls.js';
import { ConnectionError } from './connection-error.js';
import type { IncomingHandler } from './incoming-calls.js';
import { Message, type MessageSender } from './message.js';
import type { ClientLimits } from './options.js';
import { handlerOf, wholeCard } from './skill.js';
import { Slots } from './slots.js';
import type { Time, Timer } from './time.js';
import { retryAfterOf } from './wire.js';

/** Used where an agent's options do not say. */
const CONCURRENCY = 32;
const MAX_WAITING = 256;

type State = 'registered' | 'ready' | 'busy' | 'draining';

/** What the client keeps of one agent. */
interface Entry {
  readonly options: AgentOptions;
  readonly slots: Slots;
  readonly end: (how: AgentEnd) => void;
  /** What it last said of itself. */
  state: State;
  agent: Agent | undefined;
  failures: number;
  retry: Timer | undefined;
  readonly first: { resolve: (record: AgentRecord) => void; reject: (error: unknown) => void };
}

/** The agents that a client answers for: registered again on each connection. */
export class Agents implements AgentOwner {
  readonly #calls: Calls;
  readonly #sender: MessageSender;
  readonly #limits: ClientLimits;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #time: Time;
  #online = false;

  constructor(calls: Calls, sender: MessageSender, limits: ClientLimits, random: () => number, time: Time) {
    this.#calls = calls;
    this.#sender = sender;
    this.#limits = limits;
    this.#random = random;
    this.#time = time;
  }

  /** Resolves once the agent is registered. */
  async add(options: AgentOptions): Promise<Agent> {
    const { agentId } = options;
    if (this.#entries.has(agentId)) throw new Error(`This client answers for ${agentId} already.`);
    let end: (how: AgentEnd) => void = () => undefined;
    const ended = new Promise<AgentEnd>((resolve) => (end = resolve));
    const slots = new Slots(options.concurrency ?? CONCURRENCY, options.maxWaiting ?? MAX_WAITING);
    let entry: Entry | undefined;
    const record = await new Promise<AgentRecord>((resolve, reject) => {
      const first = { resolve, reject };
      const state = options.state ?? 'ready';
      entry = { options, slots, end, state, agent: undefined, failures: 0, retry: undefined, first };
      this.#entries.set(agentId, entry);
      void this.#register(entry);
    });
    const agent = new Agent(this, record, ended);
    if (entry) entry.agent = agent;
    return agent;
  }

  connected(): void {
    this.#online = true;
    for (const entry of this.#entries.values()) void this.#register(entry);
  }

  lost(): void {
    this.#online = false;
    for (const entry of this.#entries.values()) entry.retry?.cancel();
  }

  /** Who answers messages to this agent; `undefined` if it is none of ours. */
  answerer(agentId: string): IncomingHandler | undefined {
    const entry = this.#entries.get(agentId);
    return (
      entry &&
      ((params, { signal }) => {
        const message = new Message(params as ParamsOf<Methods['message.deliver']>, signal, this.#sender, this.#time);
        const handler = handlerOf(entry.options, message.envelope.skill);
        if (!handler)
          throw new OrchestratorError('invalid_params', 'this agent does only what names one of its skills');
        return entry.slots.run(signal, () => handler(message.payload, message));
      })
    );
  }

  /** Another connection has taken an agent over. */
  replaced(agentId: string): void {
    this.#end(agentId, { reason: 'replaced' });
  }

  async setState(agentId: string, state: 'ready' | 'busy' | 'draining'): Promise<AgentRecord> {
    const entry = this.#entries.get(agentId);
    if (!entry) throw new OrchestratorError('agent_not_found', `this client no longer answers for ${agentId}`);
    entry.state = state;
    return (await this.#calls.start('agent.setState', { agentId, state }, { ofWork: true })) as AgentRecord;
  }

  async deregister(agentId: string): Promise<void> {
    await this.#calls.start('agent.deregister', { agentId }, { ofWork: true });
    this.#end(agentId, { reason: 'deregistered' });
  }

  /** Lets no more requests come to any of them. */
  async drain(): Promise<void> {
    if (!this.#online) return;
    await Promise.all([...this.#entries.keys()].map((agentId) => this.setState(agentId, 'draining')));
  }

  close(error?: Error): void {
    for (const [agentId, entry] of [...this.#entries]) {
      entry.first.reject(error ?? new ConnectionError('closed'));
      this.#end(agentId, { reason: 'closed', ...(error ? { error } : {}) });
    }
  }

  #end(agentId: string, how: AgentEnd): void {
    const entry = this.#entries.get(agentId);
    if (!entry) return;
    this.#entries.delete(agentId);
    entry.retry?.cancel();
    entry.end(how);
  }

  async #register(entry: Entry): Promise<void> {
    if (!this.#online) return;
    const { agentId, card, skills = {}, leaseMs } = entry.options;
    const state = entry.state === 'registered' ? 'registered' : 'ready';
    try {
      const params = { agentId, card: wholeCard(card, skills), state, ...(leaseMs === undefined ? {} : { leaseMs }) };
      const record = (await this.#calls.start('agent.register', params, { ofWork: true })) as AgentRecord;
      entry.failures = 0;
      if (entry.agent) entry.agent.record = record;
      entry.first.resolve(record);
      if (entry.state === 'busy' || entry.state === 'draining') await this.setState(agentId, entry.state);
    } catch (error) {
      this.#refused(entry, error);
    }
  }

  #refused(entry: Entry, error: unknown): void {
    // The next connection registers it again.
    if (error instanceof ConnectionError && error.reason === 'connection_lost') return;
    if (error instanceof OrchestratorError && error.data.retryable) {
      entry.failures += 1;
      const delayMs = backoffMs(entry.failures, this.#random, this.#limits, retryAfterOf(error));
      entry.retry?.cancel();
      entry.retry = this.#time.after(delayMs, () => void this.#register(entry));
      return;
    }
    const refusal = error instanceof Error ? error : new Error(String(error));
    entry.first.reject(refusal);
    this.#end(entry.options.agentId, { reason: 'refused', error: refusal });
  }
}
