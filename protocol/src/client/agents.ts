import { OrchestratorError } from '../error.js';
import {
  Agent,
  type AgentEnd,
  type AgentOptions,
  type AgentOwner,
  type AgentRecord,
  type Registered,
} from './agent.js';
import { definitionsOf, type OfferedTools } from './agent-tool.js';
import { backoffMs } from './backoff.js';
import { ConnectionError } from './connection-error.js';
import type { HandlesMessages, MessageOptions } from './inbox.js';
import { Intake, type IntakeSurroundings } from './intake.js';
import { wholeCard } from './skill.js';
import { canPass } from './persist.js';
import type { Timer } from './time.js';
import { retryAfterOf } from './wire.js';

type State = 'registered' | 'ready' | 'busy' | 'draining';

/** What the client keeps of one agent. */
interface Entry {
  readonly options: AgentOptions;
  readonly intake: Intake;
  readonly end: (how: AgentEnd) => void;
  /** What it last said of itself. */
  state: State;
  agent: Agent | undefined;
  failures: number;
  retry: Timer | undefined;
  readonly first: { resolve: (registered: Registered) => void; reject: (error: unknown) => void };
}

const RESUMES = { ofWork: true, resumes: true };

/** The agents that a client answers for: registered again on each connection. */
export class Agents implements AgentOwner {
  readonly #around: IntakeSurroundings;
  readonly #entries = new Map<string, Entry>();
  #online = false;

  constructor(around: IntakeSurroundings) {
    this.#around = around;
  }

  /** Resolves once the agent is registered. */
  async add(options: AgentOptions): Promise<Agent> {
    const { agentId } = options;
    if (this.#entries.has(agentId)) throw new Error(`This client answers for ${agentId} already.`);
    let end: (how: AgentEnd) => void = () => undefined;
    const ended = new Promise<AgentEnd>((resolve) => (end = resolve));
    const intake = new Intake(options, this.#around);
    let entry: Entry | undefined;
    const registered = await new Promise<Registered>((resolve, reject) => {
      const first = { resolve, reject };
      const state = options.state ?? 'ready';
      entry = { options, intake, end, state, agent: undefined, failures: 0, retry: undefined, first };
      this.#entries.set(agentId, entry);
      void this.#register(entry);
    });
    const agent = new Agent(this, registered, ended);
    if (entry) entry.agent = agent;
    return agent;
  }

  connected(): void {
    this.#online = true;
    for (const entry of this.#entries.values()) void this.#register(entry);
  }

  lost(): void {
    this.#online = false;
    for (const { retry, intake } of this.#entries.values()) {
      retry?.cancel();
      intake.lost();
    }
  }

  /** What comes to this agent; `undefined` if it is none of ours. */
  intake(agentId: string): Intake | undefined {
    return this.#entries.get(agentId)?.intake;
  }

  /** What comes to all of them. */
  intakes(): Intake[] {
    return [...this.#entries.values()].map(({ intake }) => intake);
  }

  /** Another connection has taken an agent over. */
  replaced(agentId: string): void {
    this.#end(agentId, { reason: 'replaced' });
  }

  async setState(agentId: string, state: 'ready' | 'busy' | 'draining'): Promise<AgentRecord> {
    const entry = this.#entries.get(agentId);
    if (!entry) throw new OrchestratorError('agent_not_found', `this client no longer answers for ${agentId}`);
    entry.state = state;
    return (await this.#around.calls.start('agent.setState', { agentId, state }, { ofWork: true })) as AgentRecord;
  }

  async deregister(agentId: string): Promise<void> {
    await this.#around.calls.start('agent.deregister', { agentId }, { ofWork: true });
    this.#end(agentId, { reason: 'deregistered' });
  }

  /** Lets no more requests come to any of them. */
  async drain(): Promise<void> {
    if (!this.#online) return;
    await Promise.all(
      [...this.#entries].flatMap(([agentId, { intake }]) => [this.setState(agentId, 'draining'), intake.drain()]),
    );
  }

  /** Resolves once none of them works on what outlives its connection. */
  async idle(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ intake }) => intake.idle()));
  }

  onMessage(agentId: string, type: string, handler: HandlesMessages['handler'], options?: MessageOptions): () => void {
    const entry = this.#entries.get(agentId);
    if (!entry) throw new OrchestratorError('agent_not_found', `this client no longer answers for ${agentId}`);
    return entry.intake.inbox.on(type, handler, options);
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
    entry.intake.close();
    entry.end(how);
  }

  async #register(entry: Entry): Promise<void> {
    if (!this.#online) return;
    const { calls } = this.#around;
    const { agentId, card, skills = {}, leaseMs } = entry.options;
    const state = entry.state === 'registered' ? 'registered' : 'ready';
    try {
      const params = { agentId, card: wholeCard(card, skills), state, ...(leaseMs === undefined ? {} : { leaseMs }) };
      const record = (await calls.start('agent.register', params, RESUMES)) as AgentRecord;
      const offered = await this.#offer(entry.options);
      entry.failures = 0;
      if (entry.agent) Object.assign(entry.agent, { record, offered });
      entry.first.resolve({ record, offered });
      entry.intake.opened();
      const now = entry.state;
      if (now === 'busy' || now === 'draining') await calls.start('agent.setState', { agentId, state: now }, RESUMES);
    } catch (error) {
      this.#refused(entry, error);
    }
  }

  /** Offers the agent's tools; what was not taken is reported, because nobody can call it. */
  async #offer({ agentId, card, tools = {} }: AgentOptions): Promise<OfferedTools | undefined> {
    const definitions = definitionsOf(tools, card.version);
    if (definitions.length === 0) return undefined;
    const { calls, report } = this.#around;
    const offered = (await calls.start('tool.register', { agentId, tools: definitions }, RESUMES)) as OfferedTools;
    for (const { name, reason } of offered.refused)
      report(new Error(`${name} was refused: ${reason}`), 'tool.register');
    return offered;
  }

  #refused(entry: Entry, error: unknown): void {
    // The next connection registers it again.
    if (error instanceof ConnectionError && error.reason === 'connection_lost') return;
    if (canPass(error)) {
      entry.failures += 1;
      const delayMs = backoffMs(entry.failures, this.#around.random, this.#around.limits, retryAfterOf(error));
      entry.retry?.cancel();
      entry.retry = this.#around.time.after(delayMs, () => void this.#register(entry));
      return;
    }
    const refusal = error instanceof Error ? error : new Error(String(error));
    entry.first.reject(refusal);
    this.#end(entry.options.agentId, { reason: 'refused', error: refusal });
  }
}
