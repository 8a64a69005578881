import { OrchestratorError, type Permission } from '@ai-orchestrator/protocol';
import type { Log } from '../host/log.js';
import type { Clock, Random, Timer } from '../host/time.js';
import type { Authorizer, Decision } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { CallContext } from './call-context.js';
import { CLOSE } from './close-codes.js';
import type { RpcLimits } from './limits.js';
import { OutgoingCalls } from './outgoing-calls.js';
import type { RelayedJson } from './relayed-json.js';
import type { Conversation, Responder } from './respond.js';
import type { RpcMeters } from './rpc-meters.js';
import type { Scanner } from './scan.js';
import type { Answer, PendingCall, SessionLimits, SubscriptionBatch } from './session.js';
import { Slots } from './slots.js';
import { sendSpliced, type SendParts } from './splice.js';
import { Subscription, type SubscriptionEnd, type SubscriptionOutlet } from './subscription.js';
import type { TimingWheel } from './timing-wheel.js';
import type { Transport, TransportListener } from './transport.js';

/** What all sessions of a daemon share. */
export interface SessionSurroundings {
  readonly responder: Responder;
  readonly authorizer: Authorizer;
  readonly limits: RpcLimits;
  readonly view: SessionLimits;
  readonly wheel: TimingWheel;
  readonly clock: Clock;
  readonly random: Random;
  readonly meters: RpcMeters;
  readonly log: Log;
  /** A session came to its principal, or got another credential of it. */
  authenticated(session: JsonRpcSession): void;
  /** A session's connection has ended. */
  ended(session: JsonRpcSession): void;
}

/**
 * A JSON-RPC 2.0 conversation with one client over a {@link Transport}, with flow control: past the soft limit nothing more is read
 * from the client and its subscriptions wait; past the hard one, or too long past the soft one, it is closed with its cursor.
 */
export class JsonRpcSession implements Conversation, TransportListener, SubscriptionOutlet {
  readonly id: string;
  readonly connectedAt: number;
  readonly inFlight = new Slots<CallContext>();
  #principal: Principal | undefined;
  #closing = false;
  #closed = false;
  #unauthenticatedCalls = 0;
  #authenticationTimer: Timer | undefined;
  /** Runs while the client is past the soft limit. */
  #behindTimer: Timer | undefined;
  #wakers: (() => void)[] = [];
  // Most sessions never need these, and there are many sessions.
  #outgoing: OutgoingCalls | undefined;
  #subscriptions: Map<string, Subscription> | undefined;
  #closeListeners: Set<() => void> | undefined;
  #decisions: Map<Permission, Decision> | undefined;
  #decisionsVersion = -1;

  constructor(
    private readonly transport: Transport,
    private readonly shared: SessionSurroundings,
  ) {
    this.id = shared.random.uuid();
    this.connectedAt = shared.clock.now();
    this.#authenticationTimer = shared.wheel.after(shared.limits.authenticationMs, () => {
      this.close(CLOSE.authenticationTimeout, 'not authenticated in time');
    });
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  get remoteAddress(): string {
    return this.transport.remoteAddress;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get bufferedBytes(): number {
    return this.transport.bufferedBytes;
  }

  get limits(): SessionLimits {
    return this.shared.view;
  }

  get subscriptions(): number {
    return this.#subscriptions?.size ?? 0;
  }

  /** Subscriptions that wait for the client to catch up. */
  get pausedSubscriptions(): number {
    let paused = 0;
    for (const subscription of this.#subscriptions?.values() ?? []) if (subscription.paused) paused++;
    return paused;
  }

  get pendingCalls(): number {
    return this.inFlight.size + (this.#outgoing?.size ?? 0);
  }

  /** The session belongs to this principal from now on. Its credential may be renewed, its owner not change. */
  authenticate(principal: Principal): void {
    if (this.#principal !== undefined && this.#principal.id !== principal.id) {
      throw new OrchestratorError('conflict', 'this connection belongs to another principal; open a new one', {
        resource: `session/${this.id}`,
      });
    }
    this.#principal = principal;
    this.#decisions = undefined;
    this.#authenticationTimer?.cancel();
    this.#authenticationTimer = undefined;
    this.endForbidden();
    this.shared.authenticated(this);
  }

  receive(bytes: Buffer, from: number, to: number): void {
    if (!this.#closing) this.shared.responder.receive(this, bytes, from, to);
  }

  decide(permission: Permission): Decision {
    const { authorizer } = this.shared;
    const principal = this.#principal;
    if (principal === undefined) return { allowed: false, reason: 'not authenticated' };
    if (this.#decisions === undefined || this.#decisionsVersion !== authorizer.version) {
      this.#decisions = new Map();
      this.#decisionsVersion = authorizer.version;
    }
    let decision = this.#decisions.get(permission);
    if (decision === undefined)
      this.#decisions.set(permission, (decision = authorizer.authorize(principal, permission)));
    return decision;
  }

  countUnauthenticated(): void {
    if (++this.#unauthenticatedCalls <= this.shared.limits.unauthenticatedCalls) return;
    this.close(CLOSE.authenticationTimeout, 'too many calls before authentication');
    throw new OrchestratorError('unauthenticated');
  }

  answered(frame: Buffer, scan: Scanner): void {
    try {
      if (this.#outgoing?.answer(frame, scan) !== true) this.shared.meters.unmatchedAnswers.add();
    } catch (error) {
      this.shared.log.error({ err: error, sessionId: this.id }, 'the receiver of an answer failed');
    }
  }

  /** Cancels the client's requests with this id that are not answered yet. */
  cancelRequest(id: string | number, reason: string): void {
    for (const call of this.inFlight.values()) if (call.id === id) this.shared.responder.cancel(this, call, reason);
  }

  request(
    method: string,
    params: RelayedJson | Readonly<Record<string, unknown>>,
    timeoutMs: number,
    done: (answer: Answer) => void,
  ): PendingCall {
    this.#outgoing ??= new OutgoingCalls(this.shared.limits.pendingCalls, this.shared.wheel, (id, reason) => {
      this.notify('request.cancel', { id, reason });
    });
    if (this.#pastHardLimit()) {
      throw new OrchestratorError('too_many_pending', 'the client does not read what is sent to it');
    }
    const call = this.#outgoing.open(timeoutMs, done);
    if (this.#closing) queueMicrotask(() => this.#outgoing?.closeAll());
    else sendSpliced(this.reply, `{"jsonrpc":"2.0","id":${call.id},"method":"${method}","params":`, params, '}');
    return call;
  }

  notify(method: string, params: RelayedJson | Readonly<Record<string, unknown>>): boolean {
    if (this.#closing || this.#pastHardLimit()) {
      this.shared.meters.droppedNotifications.add();
      return false;
    }
    sendSpliced(this.reply, `{"jsonrpc":"2.0","method":"${method}","params":`, params, '}');
    return true;
  }

  subscribe(
    source: (signal: AbortSignal) => AsyncIterable<SubscriptionBatch>,
    cursor: string,
    permission: Permission,
  ): string {
    // Asked again: whoever subscribes may have waited for something since its call was allowed.
    if (!this.decide(permission).allowed) {
      throw new OrchestratorError('permission_denied', `the subscription needs ${permission}`, { permission });
    }
    const { limits, random, log } = this.shared;
    const subscriptions = (this.#subscriptions ??= new Map());
    if (subscriptions.size >= limits.subscriptions) {
      throw new OrchestratorError('limit_exceeded', `a session has at most ${limits.subscriptions} subscriptions`, {
        limit: { subscriptions: limits.subscriptions },
      });
    }
    const subscription = new Subscription(random.uuid(), source, cursor, permission, this, log);
    subscriptions.set(subscription.id, subscription);
    // After this turn, so that the answer with the id goes first.
    setImmediate(() => void subscription.run());
    return subscription.id;
  }

  unsubscribe(subscriptionId: string): boolean {
    const subscription = this.#subscriptions?.get(subscriptionId);
    subscription?.stop();
    return this.#subscriptions?.delete(subscriptionId) ?? false;
  }

  /** Ends every subscription, telling the client why and from where it may resume; answers the first one's cursor. */
  endSubscriptions(reason: SubscriptionEnd): string | undefined {
    let cursor: string | undefined;
    for (const subscription of this.#subscriptions?.values() ?? []) {
      cursor ??= subscription.cursor;
      this.finish(subscription, reason);
    }
    return cursor;
  }

  /** Ends the subscriptions that the principal may no longer have. */
  endForbidden(): void {
    for (const subscription of [...(this.#subscriptions?.values() ?? [])]) {
      if (!this.decide(subscription.permission).allowed) this.finish(subscription, 'permission_revoked');
    }
  }

  events(subscriptionId: string, batch: SubscriptionBatch): void {
    this.notify('subscription.events', { subscriptionId, entries: batch.entries, cursor: batch.cursor });
  }

  caughtUp(): Promise<void> | undefined {
    if (this.#behindTimer === undefined) return undefined;
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  finish(subscription: Subscription, reason: SubscriptionEnd): void {
    this.unsubscribe(subscription.id);
    if (this.#closing) return;
    const { id, cursor } = subscription;
    const closed = { subscriptionId: id, reason, ...(reason === 'cursor_expired' ? {} : { cursor }) };
    // Past every limit: it is what lets the client resume.
    this.transport.send(`{"jsonrpc":"2.0","method":"subscription.closed","params":${JSON.stringify(closed)}}`);
  }

  onClose(listener: () => void): () => void {
    const listeners = (this.#closeListeners ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.transport.close(code, reason);
  }

  /** To the client; also the sink of single answers. */
  readonly reply: SendParts = (head, body, tail) => {
    if (this.#closing) return;
    if (this.#pastHardLimit()) {
      this.#closeSlow();
      return;
    }
    this.transport.send(head, body, tail);
    const { limits, wheel } = this.shared;
    if (this.#behindTimer === undefined && this.transport.bufferedBytes > limits.softSendBytes) {
      this.transport.pause();
      this.#behindTimer = wheel.after(limits.behindMs, () => {
        this.#closeSlow();
      });
    }
  };

  skip(): void {
    // A notification alone: nothing is sent [JSON-RPC 2.0 §4.1].
  }

  drained(): void {
    if (this.#behindTimer === undefined) return;
    this.#behindTimer.cancel();
    this.#behindTimer = undefined;
    if (!this.#closing) this.transport.resume();
    this.#wake();
  }

  /** One message may go past the limit, however large; the next may not. */
  #pastHardLimit(): boolean {
    return this.#behindTimer !== undefined && this.transport.bufferedBytes > this.shared.limits.hardSendBytes;
  }

  #closeSlow(): void {
    if (this.#closing) return;
    this.shared.meters.slowConsumers.add();
    const cursor = this.endSubscriptions('slow_consumer');
    const reason = cursor === undefined ? 'slow_consumer' : `slow_consumer cursor=${cursor}`;
    // A close frame holds 123 bytes of reason [RFC 6455 §5.5].
    this.close(CLOSE.slowConsumer, Buffer.byteLength(reason) > 123 ? 'slow_consumer' : reason);
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  ended(): void {
    if (this.#closed) return;
    this.#closing = this.#closed = true;
    this.#authenticationTimer?.cancel();
    this.#behindTimer?.cancel();
    this.#behindTimer = undefined;
    for (const id of [...(this.#subscriptions?.keys() ?? [])]) this.unsubscribe(id);
    this.#wake();
    for (const call of this.inFlight.values()) {
      this.inFlight.delete(call);
      call.cancel('the connection has ended');
    }
    this.#outgoing?.closeAll();
    for (const listener of this.#closeListeners ?? []) listener();
    this.#closeListeners = undefined;
    this.shared.ended(this);
  }
}
