import type { ParamsOf, ResultOf } from '../method.js';
import type { ClientMethodName, DaemonMethodName, MethodName, Methods } from '../methods/index.js';
import type { Agent, AgentOptions } from './agent.js';
import { Agents } from './agents.js';
import { Calls, type CallOptions } from './calls.js';
import { ConnectionError } from './connection-error.js';
import type { Connection } from './connection.js';
import { Context, type ContextRecord, type CreateContextOptions } from './context.js';
import { IncomingCalls, type IncomingCall } from './incoming-calls.js';
import { newKey } from './key.js';
import { Link } from './link.js';
import type { Errands } from './errands.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import { Outbox } from './outbox.js';
import { Receipts } from './receipts.js';
import type { SendOptions, Sent } from './sent.js';
import { CLIENT_DEFAULTS, type ClientLimits } from './options.js';
import { rpcUrl } from './rpc-url.js';
import type { Sockets } from './socket.js';
import { Submitter } from './submitter.js';
import type { SubmitOptions, Task } from './task.js';
import { Status, type ConnectionState, type SessionView } from './status.js';
import type { Subscription } from './subscription.js';
import { Subscriptions, type Followed, type SubscribeParams } from './subscriptions.js';
import { PLATFORM_TIME, type Time, type Timer } from './time.js';
import { requestText, type WireMessage } from './wire.js';

/** How much longer than an agent's deadline the client waits, so that the daemon's own answer about it comes through. */
const GRACE_MS = 1_000;

type Params<M extends MethodName> = ParamsOf<Methods[M]>;

/** How to reach the daemon. */
export interface ClientOptions extends Partial<ClientLimits> {
  /** `ws:` or `wss:` address; `http:` does too, and the path is `/rpc` unless said. */
  readonly url: string;
  /** API key; without one only public methods can be called. */
  readonly token?: string;
  /** 0 <= n < 1, for jitter; Math.random unless said. */
  readonly random?: () => number;
  /** The platform's own unless said. */
  readonly time?: Time;
  /** Told what a handler threw, and of answers to no call of ours; the console's `error` unless said. */
  readonly onError?: (error: unknown, where: string) => void;
}

/** A connection to the daemon that outlives its sockets. Made by `connect`. */
export class Client {
  readonly #limits: ClientLimits;
  readonly #time: Time;
  readonly #status = new Status();
  readonly #calls: Calls;
  readonly #incoming: IncomingCalls;
  readonly #subscriptions: Subscriptions;
  readonly #agents: Agents;
  readonly #errands: Errands;
  readonly #submitter: Submitter;
  readonly #link: Link;
  readonly #report: (error: unknown, where: string) => void;
  #ran: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(options: ClientOptions, sockets: Sockets) {
    const { url, token, random = Math.random, time = PLATFORM_TIME, onError } = options;
    const report = onError ?? ((error, where) => globalThis.console.error(where, error));
    const limits: ClientLimits = { ...CLIENT_DEFAULTS, ...options };
    const calls = new Calls(limits, time);
    this.#report = report;
    this.#limits = limits;
    this.#time = time;
    this.#calls = calls;
    this.#incoming = new IncomingCalls(limits.maxIncomingCalls, report);
    this.#subscriptions = new Subscriptions(calls, limits, random, time);
    const outbox = new Outbox(calls, new Receipts(calls, this.#subscriptions, { limits, random, time }));
    const submitter = new Submitter({ calls, subscriptions: this.#subscriptions, limits, time });
    this.#submitter = submitter;
    const errands: Errands = {
      request: async (to, payload, how) => this.#request(to, payload, how, how.parentId),
      send: async (to, payload, how) => outbox.send(to, payload, how),
      submit: async (to, input, how) => submitter.submit(to, input, how),
      notify: (method, params) => this.notify(method, params),
    };
    this.#errands = errands;
    this.#agents = new Agents({ calls, errands, limits, random, time, report });
    this.#link = new Link({
      url: rpcUrl(url),
      token,
      sockets,
      random,
      time,
      limits,
      status: this.#status,
      onMessage: (message, connection) => {
        try {
          this.#receive(message, connection);
        } catch (error) {
          report(error, 'a message of the daemon');
        }
      },
      onConnected: (connection) => {
        // Agents and subscriptions first: calls that waited may depend on them.
        calls.online(connection);
        this.#agents.connected();
        this.#subscriptions.connected();
        calls.flush();
      },
      onLost: () => this.#lost(),
    });
  }

  /** @internal Resolves with the first connection. */
  async start(): Promise<this> {
    this.#ran = this.#link.run().then(
      () => this.#finish(),
      (error: unknown) => this.#finish(error instanceof Error ? error : new Error(String(error))),
    );
    for await (const { state, ...how } of this.status()) {
      if (state === 'connected') return this;
      if (state === 'closed') throw 'error' in how ? how.error : new ConnectionError('closed');
    }
    throw new ConnectionError('closed');
  }

  /** Where the connection is now. */
  get state(): ConnectionState {
    return this.#status.now;
  }

  /** Who the daemon says we are, and its limits; `undefined` while there is no connection, and without a token. */
  get session(): SessionView | undefined {
    return this.#link.connection?.session;
  }

  /** The state of the connection now, then each change of it; ends after `closed`. */
  status(): AsyncGenerator<ConnectionState, void, void> {
    return this.#status.follow();
  }

  /**
   * Calls a method. While there is no connection the call waits for one.
   *
   * @throws OrchestratorError what the daemon answered, `deadline_exceeded`, or `canceled` by the signal
   * @throws ConnectionError `connection_lost` when the call was sent, is not known to be repeatable and the connection broke;
   *   `too_many_calls`; `closed`
   */
  async call<M extends DaemonMethodName>(
    method: M,
    params: ParamsOf<Methods[M]>,
    options?: CallOptions,
  ): Promise<ResultOf<Methods[M]>> {
    return (await this.#calls.start(method, params, options)) as ResultOf<Methods[M]>;
  }

  /** Calls a method that is not of the protocol itself, as plugins have them; otherwise as {@link Client.call}. */
  async callPlugin(method: string, params: object, options?: CallOptions): Promise<unknown> {
    return this.#calls.start(method, params, options);
  }

  /** Tells the daemon something that it does not answer; lost while there is no connection. */
  notify<M extends DaemonMethodName>(method: M, params: ParamsOf<Methods[M]>): void {
    this.#link.connection?.send(requestText(method, params));
  }

  /**
   * Answers a method that the daemon calls, or listens to one of its notifications. Answers how to stop.
   *
   * @throws Error when the method has a handler already
   */
  handle<M extends ClientMethodName>(
    method: M,
    handler: (
      params: ParamsOf<Methods[M]>,
      call: IncomingCall,
    ) => ResultOf<Methods[M]> | Promise<ResultOf<Methods[M]>> | void,
  ): () => void {
    return this.#incoming.handle(method, (params, call) => handler(params as ParamsOf<Methods[M]>, call));
  }

  /**
   * Registers an agent and answers for it until the client closes; it is registered again after each reconnect. Resolves once the
   * daemon knows it.
   *
   * @throws OrchestratorError what the registration was refused with, for example `agent_id_taken`
   */
  async agent(options: AgentOptions): Promise<Agent> {
    return this.#agents.add(options);
  }

  /** Asks an agent, and waits for its answer; `timeoutMs` is the agent's deadline. Errors as {@link Client.call}. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#request(to, payload, options);
  }

  /**
   * Sends a message that survives anything: it waits in its recipient's inbox and ends in exactly one receipt. Resolves once the daemon
   * has accepted it. Errors as {@link Client.call}, for example `inbox_full`.
   */
  async send(to: Recipient, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#errands.send(to, payload, options);
  }

  /**
   * Has work done that survives anything and ends in exactly one outcome. Resolves once the daemon has taken it on. Errors as
   * {@link Client.call}, for example `inbox_full`.
   */
  async submitTask(to: Recipient, input: unknown, options: SubmitOptions = {}): Promise<Task> {
    return this.#submitter.submit(to, input, options);
  }

  /** A task that was submitted earlier, perhaps by another process. */
  task(taskId: string): Task {
    return this.#submitter.task(taskId);
  }

  /** A conversation that was begun earlier, perhaps by somebody else. */
  context(contextId: string): Context {
    return new Context(contextId, { calls: this.#calls, subscriptions: this.#subscriptions });
  }

  /** Begins a conversation; errors as {@link Client.call}. */
  async createContext(options: CreateContextOptions = {}): Promise<Context> {
    const params = { idempotencyKey: newKey(), ...options };
    const created = (await this.#calls.start('context.create', params)) as ContextRecord;
    return this.context(created.contextId);
  }

  /**
   * Follows the journal, over all reconnects. Resolves once the daemon follows it for us; records that come after that are all seen.
   *
   * @param params what to follow; with `after`, from that cursor on
   * @param signal ends the subscription
   * @throws OrchestratorError `cursor_expired`, here or from the iteration; `permission_denied`
   */
  async subscribe(params: SubscribeParams = {}, signal?: AbortSignal): Promise<Subscription> {
    return this.#subscriptions.open({ method: 'journal.subscribe', params, after: params.after }, signal);
  }

  /**
   * Follows what a method of the daemon follows, for example `task.watch`, over all reconnects: every entry once and in order.
   *
   * @template Entry what the method's entries are
   * @param signal ends the subscription
   * @throws OrchestratorError what the method is refused with; `cursor_expired`, here or from the iteration
   */
  async follow<Entry>(followed: Followed, signal?: AbortSignal): Promise<Subscription<Entry>> {
    return this.#subscriptions.open(followed, signal);
  }

  /**
   * Takes no new calls, tells the daemon that its agents take no more requests, waits for what is in flight in both directions, and
   * closes.
   *
   * @param timeoutMs closes after this even if something is still in flight
   */
  async drain(timeoutMs: number = this.#limits.drainTimeoutMs): Promise<void> {
    if (this.state.state === 'closed') return;
    this.#calls.drain();
    this.#status.set({ state: 'draining' });
    const quiet = this.#quiet();
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => (timer = this.#time.after(timeoutMs, resolve)));
    try {
      await Promise.race([quiet, late]);
    } finally {
      timer?.cancel();
      await this.close();
    }
  }

  /** Closes at once; calls that are not answered fail with `closed`. */
  async close(): Promise<void> {
    this.#fail(new ConnectionError('closed'));
    await this.#link.stop(1000, 'closed');
    await this.#ran;
  }

  async #request(to: Recipient, payload: unknown, how: RequestOptions, parentId?: string): Promise<Answer> {
    const { timeoutMs = this.#limits.callTimeoutMs, signal, onPart, traceparent } = how;
    const params: ParamsOf<Methods['message.request']> = {
      to,
      payload,
      timeoutMs,
      ...(onPart ? { stream: true } : {}),
      ...(parentId === undefined ? {} : { parentId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return (await this.#calls.start('message.request', params, {
      timeoutMs: timeoutMs + GRACE_MS,
      onPart,
      ofWork: parentId !== undefined,
      ...(signal ? { signal } : {}),
    })) as Answer;
  }

  async #quiet(): Promise<void> {
    await this.#agents.drain().catch((error: unknown) => this.#report(error, 'drain'));
    await this.#incoming.idle();
    await this.#agents.idle();
    await this.#calls.idle();
  }

  #receive(message: WireMessage, connection: Connection): void {
    const { method, params } = message;
    if (method === undefined) {
      // Answers to calls that we gave up come late; an error without an id is about something that we sent wrongly.
      if (!this.#calls.answer(message) && message.error && message.id === null) this.#report(message.error, 'daemon');
      return;
    }
    switch (method) {
      case 'request.cancel':
        this.#incoming.cancel((params as Params<'request.cancel'>).id);
        return;
      case 'message.partial': {
        const { requestId, payload } = params as Params<'message.partial'>;
        this.#calls.part(requestId, payload);
        return;
      }
      case 'message.deliver': {
        const deliver = params as Params<'message.deliver'>;
        const intake = this.#agents.intake(deliver.message.to);
        this.#incoming.receive(method, message, connection, intake && ((_, call) => intake.request(deliver, call)));
        return;
      }
      case 'message.handle': {
        const handle = params as Params<'message.handle'>;
        const intake = this.#agents.intake(handle.message.to);
        this.#incoming.receive(
          method,
          message,
          connection,
          intake && ((_, call) => intake.inbox.receive(handle, call)),
        );
        return;
      }
      case 'task.assign': {
        const assign = params as Params<'task.assign'>;
        const intake = this.#agents.intake(assign.task.to);
        this.#incoming.receive(method, message, connection, intake && (() => intake.tasks.assign(assign)));
        return;
      }
      case 'task.input':
      case 'task.canceled':
        for (const { tasks } of this.#agents.intakes()) {
          if (method === 'task.input') tasks.input(params as Params<'task.input'>);
          else tasks.canceled(params as Params<'task.canceled'>);
        }
        return;
      case 'subscription.events':
        this.#subscriptions.events(params as Params<'subscription.events'>);
        return;
      case 'subscription.closed':
        this.#subscriptions.closed(params as Params<'subscription.closed'>);
        return;
      case 'agent.replaced':
        this.#agents.replaced((params as Params<'agent.replaced'>).agentId);
        break;
      case 'daemon.goingAway':
        this.#calls.hold();
        this.#link.stayAway((params as Params<'daemon.goingAway'>).retryAfterMs);
        break;
    }
    this.#incoming.receive(method, message, connection);
  }

  #lost(): void {
    this.#agents.lost();
    this.#subscriptions.lost();
    this.#calls.lost();
    this.#incoming.lost();
  }

  #finish(error?: Error): void {
    this.#fail(error ?? new ConnectionError('closed'), error);
    this.#status.set({ state: 'closed', ...(error ? { error } : {}) });
  }

  #fail(error: Error, shown?: Error): void {
    this.#agents.close(shown);
    this.#subscriptions.close(shown);
    this.#calls.close(error);
    this.#incoming.lost();
  }
}
