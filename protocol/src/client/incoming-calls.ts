import { OrchestratorError } from '../error.js';
import { ConnectionError } from './connection-error.js';
import type { Connection } from './connection.js';
import { errorText, resultText, type Id, type WireMessage } from './wire.js';

/** One call or notification of the daemon, as its handler sees it. */
export interface IncomingCall {
  /** `undefined` for a notification. */
  readonly id: Id | undefined;
  /** Aborted when the daemon cancels the call or the connection ends. */
  readonly signal: AbortSignal;
}

/** Answers a method that the daemon calls; what it throws that is not an OrchestratorError is told as `internal_error`. */
export type IncomingHandler = (params: unknown, call: IncomingCall) => unknown;

/** The daemon's calls that we are working on. */
export class IncomingCalls {
  readonly #limit: number;
  readonly #report: (error: unknown, method: string) => void;
  readonly #handlers = new Map<string, IncomingHandler>();
  readonly #running = new Map<Id, AbortController>();
  #idle: (() => void)[] = [];

  /**
   * @param limit calls worked on at a time; more are answered `too_many_pending`
   * @param report told what a handler threw that the daemon is not told
   */
  constructor(limit: number, report: (error: unknown, method: string) => void) {
    this.#limit = limit;
    this.#report = report;
  }

  /** Sets who answers a method. Answers how to take it away again. @throws Error when the method has a handler */
  handle(method: string, handler: IncomingHandler): () => void {
    if (this.#handlers.has(method)) throw new Error(`${method} has a handler; take that one away first.`);
    this.#handlers.set(method, handler);
    return () => {
      if (this.#handlers.get(method) === handler) this.#handlers.delete(method);
    };
  }

  /**
   * Takes a call or notification of the daemon; answers on the connection that it came by.
   *
   * @param handler answers it; whoever handles the method unless said
   */
  receive(
    method: string,
    { id, params }: WireMessage,
    connection: Connection,
    handler: IncomingHandler | undefined = this.#handlers.get(method),
  ): void {
    if (id === undefined || id === null) {
      if (handler) void this.#notified(method, params, handler);
      return;
    }
    if (this.#running.size >= this.#limit) {
      connection.send(errorText(id, new OrchestratorError('too_many_pending', undefined, { limit: this.#limit })));
      return;
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    void this.#answer(method, params, handler, { id, signal: controller.signal }).then((text) => {
      // After a reconnect the same id may stand for another call.
      if (this.#running.get(id) === controller) this.#running.delete(id);
      connection.send(text);
      if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  /** The daemon no longer waits for this call. */
  cancel(id: unknown): void {
    if (typeof id === 'number' || typeof id === 'string') {
      this.#running.get(id)?.abort(new OrchestratorError('canceled'));
    }
  }

  /** Nobody waits for the answers any more. */
  lost(): void {
    for (const controller of this.#running.values()) controller.abort(new ConnectionError('connection_lost'));
    this.#running.clear();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves once no call is being worked on. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #answer(
    method: string,
    params: unknown,
    handler: IncomingHandler | undefined,
    call: { readonly id: Id; readonly signal: AbortSignal },
  ): Promise<string> {
    try {
      if (!handler) throw new OrchestratorError('method_not_found', `this client does not answer ${method}`);
      return resultText(call.id, await handler(params, call));
    } catch (error) {
      if (!(error instanceof OrchestratorError)) this.#report(error, method);
      return errorText(call.id, error);
    }
  }

  async #notified(method: string, params: unknown, handler: IncomingHandler): Promise<void> {
    try {
      await handler(params, { id: undefined, signal: new AbortController().signal });
    } catch (error) {
      this.#report(error, method);
    }
  }
}
