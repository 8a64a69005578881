import { hash } from 'node:crypto';
import type { AgentLink, LinkAnswer } from './agent-link.js';
import type { Kind } from './evidence.js';
import type { History } from './history.js';
import { Seeded, seedFor } from './seeded.js';

/** What an agent of the harness is told. */
export interface AgentOrders {
  readonly agentId: string;
  readonly url: string;
  readonly token: string;
  readonly seed: number;
  /** How often it was started before; its keys and its choices differ each time. */
  readonly generation: number;
  readonly history: string;
  readonly peers: readonly string[];
  readonly kinds: readonly Kind[];
  /** Contexts in which every agent speaks. */
  readonly contexts: readonly string[];
  /** Something that every agent can do. */
  readonly skill: string;
  /** Between two sends, on average. */
  readonly sendEveryMs: number;
}

/** Something to hand over, the same in every call about it. */
interface Outgoing {
  readonly kind: Kind;
  readonly key: string;
  readonly payload: { readonly key: string; readonly effect?: boolean; readonly text: string };
  readonly to: object;
  readonly priority: number;
  readonly ttlMs?: number;
  readonly maxAttempts?: number;
  readonly contextId?: string;
}

/** Errors after which the same call may succeed. */
const AGAIN = new Set(['inbox_full', 'agent_not_found', 'no_agent_for_skill', 'agent_unavailable', 'going_away']);
/** Waits before a call that was not answered is made again. */
const AGAIN_MS = 300;
const MOST_OPEN = 64;

/** Hands items over at random, and does not let go of one before it knows whether it was accepted. */
export class AgentSender {
  readonly #random: Seeded;
  #last = 0;
  #calls = 0;
  #open = 0;
  #resting = false;

  constructor(
    private readonly orders: AgentOrders,
    private readonly history: History,
    private readonly link: () => Promise<AgentLink>,
  ) {
    this.#random = new Seeded(seedFor(orders.seed, `${orders.agentId} sends ${String(orders.generation)}`));
  }

  /** Items of which it is not known yet whether they were accepted. */
  get open(): number {
    return this.#open;
  }

  rest(): void {
    this.#resting = true;
  }

  async run(): Promise<void> {
    for (;;) {
      await delay(this.#random.wait(this.orders.sendEveryMs));
      if (this.#resting) return;
      if (this.#open < MOST_OPEN) void this.#see(this.#next());
    }
  }

  /** The effect of this agent's handling an item: under one key, however often it does. */
  effect(id: string): void {
    const random = new Seeded(seedFor(0, id));
    const key = `effect-of-${id}-by-${this.orders.agentId}`;
    const to = { agent: random.pick(this.orders.peers) };
    const kind = random.pick(this.orders.kinds);
    void this.#see({ kind, key, to, priority: random.integer(0, 10), payload: { key, effect: true, text: '' } });
  }

  #next(): Outgoing {
    const random = this.#random;
    const { agentId, generation, skill, peers, kinds, contexts } = this.orders;
    const key = `${agentId}-${String(generation)}-${String(++this.#last)}`;
    return {
      kind: random.pick(kinds),
      key,
      to: random.chance(0.2) ? { skill } : { agent: random.pick(peers) },
      priority: random.chance(0.5) ? 4 : random.integer(0, 10),
      payload: { key, text: 'x'.repeat(random.chance(0.05) ? random.integer(0, 50_000) : random.integer(0, 1_000)) },
      ...(random.chance(0.1) ? { ttlMs: random.integer(50, 5_000) } : {}),
      ...(random.chance(0.1) ? { maxAttempts: random.integer(1, 4) } : {}),
      ...(random.chance(0.25) ? { contextId: random.pick(contexts) } : {}),
    };
  }

  /** Calls until somebody knows. */
  async #see(item: Outgoing): Promise<void> {
    this.#open += 1;
    try {
      for (;;) {
        const answer = await this.#send(item);
        if ('result' in answer) break;
        if ('error' in answer && (this.#resting || !AGAIN.has(answer.error))) return;
        await delay(this.#random.wait(AGAIN_MS));
      }
      if (this.#random.chance(0.04)) await this.#send(item);
      if (this.#random.chance(0.03)) await this.#send({ ...item, payload: { ...item.payload, text: 'other' } }, true);
    } finally {
      this.#open -= 1;
    }
  }

  async #send(item: Outgoing, altered = false): Promise<LinkAnswer> {
    const { agentId, generation } = this.orders;
    const { key, payload, kind, to, ...limits } = item;
    const call = `${agentId}-${String(generation)}-s${String(++this.#calls)}`;
    const link = await this.link();
    const hashed = hash('sha256', JSON.stringify(payload));
    this.history.write({ op: 'send', call, kind, key, hash: hashed, ...limits, ...(altered ? { altered } : {}) });
    const answer = await (kind === 'message'
      ? link.call('message.send', { to, payload, ...limits, idempotencyKey: key })
      : link.call('task.submit', { ...taskOf(item), input: payload, idempotencyKey: key }));
    const { messageId, taskId } = 'result' in answer ? answer.result : {};
    if ('result' in answer) this.history.write({ op: 'sent', call, key, id: String(messageId ?? taskId) });
    if ('error' in answer) this.history.write({ op: 'sent', call, key, error: answer.error });
    return answer;
  }
}

/** The same limits in the words of tasks. */
function taskOf({ to, priority, ttlMs, maxAttempts, contextId }: Outgoing): object {
  const limits = ttlMs === undefined ? {} : { limits: { totalMs: ttlMs } };
  const retry = maxAttempts === undefined ? {} : { retry: { maxAttempts } };
  return { to, priority, ...limits, ...retry, ...(contextId === undefined ? {} : { contextId }) };
}

/** Waits. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
