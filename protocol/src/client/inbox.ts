import { OrchestratorError } from '../error.js';
import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { ConnectionError } from './connection-error.js';
import { Deliveries } from './deliveries.js';
import { DurableMessage } from './durable-message.js';
import type { IncomingCall } from './incoming-calls.js';
import type { IntakeSurroundings } from './intake.js';
import { RecentIds } from './recent-ids.js';
import { Slots } from './slots.js';

type Handle = ParamsOf<Methods['message.handle']>;

/** Handles the messages of one type. Declared as a method, so that its payload can have the type that its sender promised. */
export interface HandlesMessages {
  /** What it throws hands the message back: for good when it is an OrchestratorError that is not retryable, else for another attempt. */
  handler(payload: unknown, message: DurableMessage): unknown;
}

/** How messages of one type are handled. */
export interface MessageOptions {
  /** Messages of this type handled at a time; as many as the agent works on unless said. */
  readonly concurrency?: number;
}

/** One message being handled, over all of its deliveries. */
interface Run {
  readonly deliveries: Deliveries;
  readonly done: Promise<null>;
  readonly abort: AbortController;
}

interface TypeHandler {
  readonly handler: HandlesMessages['handler'];
  readonly slots: Slots;
}

/** Messages in a row that may wait for the handler of their type; the daemon's window keeps their number far below. */
const MAX_WAITING = 1_000;

/**
 * Handles the durable messages of one agent. Each is acknowledged by answering the call that brought it. A message that is delivered
 * again while it is being handled, as after a lost connection, joins the work in progress; one that was handled is acknowledged again.
 */
export class Inbox {
  readonly #around: IntakeSurroundings;
  readonly #fallback: (message: DurableMessage) => unknown;
  readonly #handlers = new Map<string, TypeHandler>();
  readonly #running = new Map<string, Run>();
  readonly #handled: RecentIds;
  #online = false;
  #idle: (() => void)[] = [];

  /** @param fallback does what no handler of a type takes */
  constructor(around: IntakeSurroundings, fallback: (message: DurableMessage) => unknown) {
    this.#around = around;
    this.#fallback = fallback;
    this.#handled = new RecentIds(around.limits.maxRememberedMessages);
  }

  /** Sets who handles messages of a type. Answers how to take it away again. @throws Error when the type has a handler */
  on(type: string, handler: HandlesMessages['handler'], { concurrency }: MessageOptions = {}): () => void {
    if (this.#handlers.has(type)) throw new Error(`Messages of type ${type} have a handler; take that one away first.`);
    const entry = { handler, slots: new Slots(concurrency ?? Infinity, MAX_WAITING) };
    this.#handlers.set(type, entry);
    return () => {
      if (this.#handlers.get(type) === entry) this.#handlers.delete(type);
    };
  }

  /** There is a connection on which messages come. */
  connected(): void {
    this.#online = true;
  }

  lost(): void {
    this.#online = false;
    for (const { deliveries } of this.#running.values()) deliveries.lost();
  }

  /** Aborts what is being handled. */
  close(): void {
    for (const { abort } of this.#running.values()) abort.abort(new ConnectionError('closed'));
  }

  /** Resolves once nothing is being handled. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Takes one delivery; resolves when the message was handled. */
  async receive(params: Handle, { signal }: IncomingCall): Promise<null> {
    const { id, deliveryId } = params.message;
    if (this.#handled.has(id)) return null;
    let run = this.#running.get(id);
    if (run) run.deliveries.joined(deliveryId);
    else run = this.#start(params);
    const current = run;
    signal.addEventListener('abort', () => {
      // A lost connection takes nothing back: the message comes again on the next, and joins.
      const lost = signal.reason instanceof ConnectionError;
      if (!lost && current.deliveries.deliveryId === deliveryId) current.abort.abort(signal.reason);
    });
    return run.done;
  }

  #start(params: Handle): Run {
    const { id, visibilityMs } = params.message;
    const abort = new AbortController();
    const deliveries = new Deliveries(params.message, this.#around.time);
    const message = new DurableMessage(params, abort.signal, this.#around.errands, deliveries);
    const run: Run = { deliveries, abort, done: this.#handle(message) };
    this.#running.set(id, run);
    const extending = this.#around.time.every(visibilityMs / 2, () => this.#extend(id, run, visibilityMs));
    const over = () => {
      extending.cancel();
      this.#running.delete(id);
      if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
    run.done.then(over, over);
    return run;
  }

  async #handle(message: DurableMessage): Promise<null> {
    const { id, type } = message.envelope;
    const own = this.#handlers.get(type);
    await (own ? own.slots.run(message.signal, () => own.handler(message.payload, message)) : this.#fallback(message));
    this.#handled.add(id);
    return null;
  }

  #extend(messageId: string, { deliveries }: Run, extendMs: number): void {
    if (!this.#online) return;
    const { deliveryId } = deliveries;
    const params = { messageId, deliveryId, extendMs };
    const extended = this.#around.calls.start('message.extend', params, { ofWork: true, resumes: true });
    extended.catch((error: unknown) => {
      // The delivery is over or its connection lost: the next one counts, and joins.
      const expected =
        error instanceof ConnectionError || (error instanceof OrchestratorError && error.errorName === 'stale_attempt');
      if (!expected) this.#around.report(error, 'message.extend');
    });
  }
}
