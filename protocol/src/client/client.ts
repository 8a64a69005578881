import type { ParamsOf, ResultOf } from '../method.js';
import type { ClientMethodName, DaemonMethodName, Methods } from '../methods/index.js';
import type { Agent, AgentOptions } from './agent.js';
import type { CallOptions } from './calls.js';
import type { ClientOptions } from './client-options.js';
import { Context, type ContextRecord, type CreateContextOptions } from './context.js';
import type { IncomingCall } from './incoming-calls.js';
import { newKey } from './key.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import { Peer } from './peer.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { Sockets } from './socket.js';
import { State, type StateOf } from './state.js';
import type { ConnectionState, SessionView } from './status.js';
import type { Subscription } from './subscription.js';
import type { Followed, SubscribeParams } from './subscriptions.js';
import type { SubmitOptions, Task } from './task.js';
import { requestText } from './wire.js';
import type { ToolCallOptions, ToolResult } from './tool-caller.js';

/** A connection to the daemon that outlives its sockets. Made by `connect`. */
export class Client {
  readonly #peer: Peer;

  /** @internal */
  constructor(options: ClientOptions, sockets: Sockets) {
    this.#peer = new Peer(options, sockets);
  }

  /** @internal Resolves with the first connection. */
  async start(): Promise<this> {
    await this.#peer.start();
    return this;
  }

  /** Where the connection is now. */
  get connection(): ConnectionState {
    return this.#peer.status.now;
  }

  /** Who the daemon says we are, and its limits; `undefined` while there is no connection, and without a token. */
  get session(): SessionView | undefined {
    return this.#peer.link.connection?.session;
  }

  /** The state of the connection now, then each change of it; ends after `closed`. */
  status(): AsyncGenerator<ConnectionState, void, void> {
    return this.#peer.status.follow();
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
    return (await this.#peer.calls.start(method, params, options)) as ResultOf<Methods[M]>;
  }

  /** Calls a method that is not of the protocol itself, as plugins have them; otherwise as {@link Client.call}. */
  async callPlugin(method: string, params: object, options?: CallOptions): Promise<unknown> {
    return this.#peer.calls.start(method, params, options);
  }

  /** Tells the daemon something that it does not answer; lost while there is no connection. */
  notify<M extends DaemonMethodName>(method: M, params: ParamsOf<Methods[M]>): void {
    this.#peer.link.connection?.send(requestText(method, params));
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
    return this.#peer.incoming.handle(method, (params, call) => handler(params as ParamsOf<Methods[M]>, call));
  }

  /**
   * Registers an agent and answers for it until the client closes; it is registered again after each reconnect. Resolves once the
   * daemon knows it.
   *
   * @throws OrchestratorError what the registration was refused with, for example `agent_id_taken`
   */
  async agent(options: AgentOptions): Promise<Agent> {
    return this.#peer.agents.add(options);
  }

  /** Asks an agent, and waits for its answer; `timeoutMs` is the agent's deadline. Errors as {@link Client.call}. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#peer.errands.request(to, payload, options);
  }

  /**
   * Sends a message that survives anything: it waits in its recipient's inbox and ends in exactly one receipt. Resolves once the daemon
   * has accepted it. Errors as {@link Client.call}, for example `inbox_full`.
   */
  async send(to: SendTo, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#peer.errands.send(to, payload, options);
  }

  /**
   * Calls a tool and waits for its result. Errors as {@link Client.call}, for example `not_found`, `capability_missing`,
   * `approval_required`; `tool_failed` when its provider answers an error, or asks for input and nothing was said of `onInput`.
   */
  async callTool(name: string, args: Record<string, unknown> = {}, options: ToolCallOptions = {}): Promise<ToolResult> {
    return this.#peer.errands.callTool(name, args, options);
  }

  /**
   * Has work done that survives anything and ends in exactly one outcome. Resolves once the daemon has taken it on. Errors as
   * {@link Client.call}, for example `inbox_full`.
   */
  async submitTask(to: Recipient, input: unknown, options: SubmitOptions = {}): Promise<Task> {
    return this.#peer.submitter.submit(to, input, options);
  }

  /** A task that was submitted earlier, perhaps by another process. */
  task(taskId: string): Task {
    return this.#peer.submitter.task(taskId);
  }

  /** A conversation that was begun earlier, perhaps by somebody else. */
  context(contextId: string): Context {
    return new Context(contextId, this.#peer);
  }

  /** Begins a conversation; errors as {@link Client.call}. */
  async createContext(options: CreateContextOptions = {}): Promise<Context> {
    const params = { idempotencyKey: newKey(), ...options };
    const created = (await this.#peer.calls.start('context.create', params)) as ContextRecord;
    return this.context(created.contextId);
  }

  /** The document of an agent, by its id, or of a context: what it keeps in fields. */
  state(of: StateOf): State {
    return new State(of, this.#peer.documents);
  }

  /**
   * Follows the journal, over all reconnects. Resolves once the daemon follows it for us; records that come after that are all seen.
   *
   * @param params what to follow; with `after`, from that cursor on
   * @param signal ends the subscription
   * @throws OrchestratorError `cursor_expired`, here or from the iteration; `permission_denied`
   */
  async subscribe(params: SubscribeParams = {}, signal?: AbortSignal): Promise<Subscription> {
    return this.#peer.subscriptions.open({ method: 'journal.subscribe', params, after: params.after }, signal);
  }

  /**
   * Follows what a method of the daemon follows, for example `task.watch`, over all reconnects: every entry once and in order.
   *
   * @template Entry what the method's entries are
   * @param signal ends the subscription
   * @throws OrchestratorError what the method is refused with; `cursor_expired`, here or from the iteration
   */
  async follow<Entry>(followed: Followed, signal?: AbortSignal): Promise<Subscription<Entry>> {
    return this.#peer.subscriptions.open(followed, signal);
  }

  /**
   * Takes no new calls, tells the daemon that its agents take no more requests, waits for what is in flight in both directions, and
   * closes.
   *
   * @param timeoutMs closes after this even if something is still in flight
   */
  async drain(timeoutMs?: number): Promise<void> {
    await this.#peer.drain(timeoutMs);
  }

  /** Closes at once; calls that are not answered fail with `closed`. */
  async close(): Promise<void> {
    await this.#peer.close();
  }
}
