import { hash } from 'node:crypto';
import type { AgentLink, LinkAnswer } from './agent-link.js';
import type { Ask, Kind } from './evidence.js';
import type { Attempt, Payload } from './attempt-log.js';
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
  /** It pulls its messages; unless said they come by calls. */
  readonly pulls: boolean;
  /** Between two sends, on average. */
  readonly sendEveryMs: number;
}

/** Something to hand over, the same in every call about it. */
interface Outgoing {
  readonly kind: Kind;
  readonly key: string;
  readonly payload: Payload & { readonly text: string };
  readonly to: object;
  readonly priority: number;
  readonly ttlMs?: number;
  readonly maxAttempts?: number;
  readonly contextId?: string;
  /** It goes to all who take part in its context. */
  readonly toAll?: boolean;
  /** Of a sub-task: what it is part of, and the epoch under which that is worked on. */
  readonly parentId?: string;
  readonly parentEpoch?: number;
}

/** Errors after which the same call may succeed. */
const AGAIN = new Set(['inbox_full', 'agent_not_found', 'no_agent_for_skill', 'agent_unavailable', 'going_away']);
/** Waits before a call that was not answered is made again. */
const AGAIN_MS = 300;
const MOST_OPEN = 64;
/** How often something is asked for that nobody answers. */
const ASKED = 5;
/** A message to all is as many items as there are agents. */
const TO_ALL = 0.01;
const CANCELS = 0.06;

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

  /** Has a part of a task done by another. */
  part(of: Attempt, contextId: string | undefined): void {
    const random = this.#random;
    const key = this.#key();
    const about = contextId === undefined ? {} : { contextId };
    const parent = { parentId: of.id, parentEpoch: of.attempt };
    const to = { agent: random.pick(this.orders.peers) };
    void this.#see({ kind: 'task', key, to, priority: 4, payload: { key, text: 'part' }, ...about, ...parent });
  }

  /** Asks who wants a task done for the input that its worker asked for. */
  askFor(inputId: string, taskId: string, from: string): void {
    const key = `ask-${inputId}`;
    const payload = { key, effect: true, ask: { taskId, inputId }, text: '' };
    void this.#see({ kind: 'message', key, to: { agent: from }, priority: 9, payload });
  }

  /** Gives the input; sometimes twice, of which one has to be refused. */
  async give({ taskId: id, inputId }: Required<Payload>['ask']): Promise<void> {
    const { agentId, generation } = this.orders;
    const times = this.#random.chance(0.3) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const key = `give-${agentId}-${String(generation)}-${String(++this.#calls)}`;
      const payload = { gives: key };
      const what = { what: 'respond', key, inputId, hash: hashOf(payload) } as const;
      const params = { taskId: id, inputId, payload, idempotencyKey: key };
      await this.ask(id, what, 'task.respond', params);
    }
  }

  /** Writes down a call about an item and its answer; made again some times while nobody knows. */
  async ask(
    id: string,
    about: Omit<Ask, 'op' | 'id' | 'call' | 'at' | 'agent'>,
    method: string,
    params: object,
  ): Promise<LinkAnswer> {
    const { agentId, generation } = this.orders;
    for (let tries = ASKED; ; tries--) {
      const call = `${agentId}-${String(generation)}-q${String(++this.#calls)}`;
      const link = await this.link();
      this.history.write({ op: 'ask', id, call, ...about });
      const answer = await link.call(method, params);
      if ('error' in answer) this.history.write({ op: 'told', id, call, error: answer.error });
      if ('result' in answer) {
        const { state, version } = answer.result;
        const said =
          about.what === 'chunk'
            ? { version: Number(version) }
            : about.what === 'cancel'
              ? { state: String(state) }
              : {};
        this.history.write({ op: 'told', id, call, ...said });
      }
      if (!('unknown' in answer) || tries <= 1) return answer;
      await delay(this.#random.wait(AGAIN_MS));
    }
  }

  #key(): string {
    const { agentId, generation } = this.orders;
    return `${agentId}-${String(generation)}-${String(++this.#last)}`;
  }

  #next(): Outgoing {
    const random = this.#random;
    const { skill, peers, kinds, contexts } = this.orders;
    const key = this.#key();
    if (kinds.includes('message') && random.chance(TO_ALL)) {
      const contextId = random.pick(contexts);
      const payload = { key, text: 'to all' };
      return { kind: 'message', key, to: { context: contextId }, priority: 4, payload, contextId, toAll: true };
    }
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
        if ('result' in answer) {
          const { taskId } = answer.result;
          if (taskId !== undefined && this.#random.chance(CANCELS)) await this.#cancel(taskId as string);
          break;
        }
        if ('error' in answer && (this.#resting || !AGAIN.has(answer.error))) return;
        await delay(this.#random.wait(AGAIN_MS));
      }
      if (this.#random.chance(0.04)) await this.#send(item);
      if (this.#random.chance(0.03)) await this.#send({ ...item, payload: { ...item.payload, text: 'other' } }, true);
    } finally {
      this.#open -= 1;
    }
  }

  async #cancel(id: string): Promise<void> {
    await delay(this.#random.wait(300));
    const idempotencyKey = `cancel-${id}`;
    await this.ask(id, { what: 'cancel', key: idempotencyKey }, 'task.cancel', { taskId: id, idempotencyKey });
  }

  async #send(item: Outgoing, altered = false): Promise<LinkAnswer> {
    const { agentId, generation } = this.orders;
    const { key, payload, kind, to, toAll, parentId, parentEpoch, ...limits } = item;
    const call = `${agentId}-${String(generation)}-s${String(++this.#calls)}`;
    const link = await this.link();
    const said = { key, hash: hashOf(payload), ...limits };
    const about = { ...(toAll === true ? { toAll } : {}), ...(parentId === undefined ? {} : { parentId }) };
    this.history.write({ op: 'send', call, kind, ...said, ...about, ...(altered ? { altered } : {}) });
    const parent = parentId === undefined ? {} : { parentTaskId: parentId, parentEpoch };
    const answer = await (kind === 'message'
      ? link.call('message.send', { to, payload, ...limits, idempotencyKey: key })
      : link.call('task.submit', { ...taskOf(item), ...parent, input: payload, idempotencyKey: key }));
    if ('result' in answer) this.history.write({ op: 'sent', call, key, ...acceptedIn(answer.result) });
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

/** Ids of what was accepted; all of them where it was sent to a context. */
function acceptedIn(result: Readonly<Record<string, unknown>>): {
  readonly id: string;
  readonly ids?: readonly string[];
} {
  const { messageId, taskId, messages } = result as {
    readonly messageId?: string;
    readonly taskId?: string;
    readonly messages?: readonly { readonly messageId: string }[];
  };
  const ids = messages?.map((each) => each.messageId);
  return { id: messageId ?? taskId ?? '', ...(ids === undefined ? {} : { ids }) };
}

/** sha256 of what JSON has of it, hex. */
export function hashOf(payload: object): string {
  return hash('sha256', JSON.stringify(payload));
}

/** Waits. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
