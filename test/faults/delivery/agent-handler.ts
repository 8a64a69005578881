import type { AgentLink, IncomingCall } from './agent-link.js';
import type { AgentOrders, AgentSender } from './agent-sender.js';
import { AttemptLog } from './attempt-log.js';
import type { History } from './history.js';
import { MessageHandler } from './message-handler.js';
import { Seeded, seedFor } from './seeded.js';
import { TaskHandler } from './task-handler.js';

/** Handling one thing in so many hands over another. */
const EFFECTS = 0.15;

/** Handles what comes, and has it cause other things. */
export class AgentHandler {
  readonly #random: Seeded;
  readonly #messages: MessageHandler;
  readonly #tasks: TaskHandler;
  #busy = 0;
  #resting = false;

  constructor(
    orders: AgentOrders,
    history: History,
    private readonly sender: AgentSender,
    link: () => Promise<AgentLink>,
  ) {
    this.#random = new Seeded(seedFor(orders.seed, `${orders.agentId} handles ${String(orders.generation)}`));
    const log = new AttemptLog(`${orders.agentId}-${String(orders.generation)}`, history, link);
    this.#messages = new MessageHandler(log, this.#random, link);
    this.#tasks = new TaskHandler(log, this.#random, link, sender, orders.kinds.includes('message'));
  }

  /** Things that it is at. */
  get busy(): number {
    return this.#busy;
  }

  /** From now on everything is handled well. */
  rest(): void {
    this.#resting = true;
  }

  take(call: IncomingCall): void {
    if (call.method === 'task.input') this.#tasks.input(call.params);
    const taken = this.#taken(call);
    if (taken === undefined) return;
    const { ask } = taken.payload;
    if (ask !== undefined) this.#during(this.sender.give(ask));
    this.#during(taken.handled);
    if (taken.payload.effect !== true && this.#random.chance(EFFECTS)) this.sender.effect(taken.id);
  }

  #during(work: Promise<unknown>): void {
    this.#busy += 1;
    void work.finally(() => (this.#busy -= 1));
  }

  #taken(call: IncomingCall): ReturnType<MessageHandler['take']> | undefined {
    if (call.method === 'message.handle') return this.#messages.take(call, this.#resting);
    if (call.method === 'task.assign') return this.#tasks.take(call, this.#resting);
    return undefined;
  }
}
