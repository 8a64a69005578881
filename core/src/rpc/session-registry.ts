import { inject, injectable } from 'tsyringe';
import { Log } from '../host/log.js';
import { Clock, Random, Timers, type Timer } from '../host/time.js';
import { Authentication } from '../permissions/authentication.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import { CLOSE } from './close-codes.js';
import { JsonRpcSession, type SessionSurroundings } from './json-rpc-session.js';
import { RpcLimits } from './limits.js';
import { Responder } from './respond.js';
import { RpcMeters } from './rpc-meters.js';
import type { Session, Sessions } from './session.js';
import { TimingWheel } from './timing-wheel.js';
import type { Transport } from './transport.js';

/** How late a call's deadline may be noticed. */
const DEADLINE_TICK_MS = 20;
/** How late an expired credential may be noticed; half of what is promised. */
const EXPIRY_CHECK_MS = 2_500;
/** How often a drain looks whether the calls in flight are done. */
const DRAIN_CHECK_MS = 20;

/** The open sessions; opens one for each connection and ends those whose credential has ended. */
@injectable()
export class SessionRegistry implements Sessions {
  readonly #sessions = new Map<string, JsonRpcSession>();
  readonly #expiring = new Set<JsonRpcSession>();
  readonly #authenticatedListeners = new Set<(session: Session) => void>();
  readonly #drainListeners = new Set<() => () => number>();
  readonly #shared: SessionSurroundings;
  readonly #stopListening: readonly (() => void)[];
  readonly #expiryTimer: Timer;

  constructor(
    @inject(Responder) private readonly responder: Responder,
    @inject(Authorizer) authorizer: Authorizer,
    @inject(Authentication) authentication: Authentication,
    @inject(RpcLimits) limits: RpcLimits,
    @inject(RpcMeters) meters: RpcMeters,
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Random) random: Random,
    @inject(Log) log: Log,
  ) {
    const { messageBytes, batchCalls, pendingCalls, pingIntervalMs } = limits;
    this.#shared = {
      responder,
      authorizer,
      limits,
      view: { messageBytes, batchCalls, pendingCalls, pingIntervalMs },
      wheel: new TimingWheel(timers, clock, DEADLINE_TICK_MS),
      clock,
      random,
      meters,
      log,
      authenticated: (session) => {
        this.#authenticated(session);
      },
      ended: (session) => {
        this.#sessions.delete(session.id);
        this.#expiring.delete(session);
      },
    };
    this.#stopListening = [
      authentication.onRevoked((credentialId) => {
        this.#endCredential((principal) => principal.credentialId === credentialId);
      }),
      authorizer.onChanged(() => {
        for (const session of this.#sessions.values()) session.endForbidden();
      }),
    ];
    this.#expiryTimer = timers.every(EXPIRY_CHECK_MS, () => {
      const now = clock.now();
      for (const session of this.#expiring) {
        if ((session.principal?.expiresAt ?? Infinity) <= now) endForCredential(session);
      }
    });
    meters.gauge('orchestrator_rpc_sessions', 'Open connections.', () => this.#sessions.size);
    meters.gauge('orchestrator_rpc_buffered_bytes', 'Bytes that clients have not taken yet.', () =>
      this.#sum((session) => session.bufferedBytes),
    );
    meters.gauge('orchestrator_rpc_paused_subscriptions', 'Subscriptions that wait for a slow client.', () =>
      this.#sum((session) => session.pausedSubscriptions),
    );
  }

  get draining(): boolean {
    return this.responder.goingAway !== undefined;
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** The session with this id; `undefined` when it has ended. */
  find(id: string): JsonRpcSession | undefined {
    return this.#sessions.get(id);
  }

  /**
   * A session for a new connection; the transport then tells it what comes.
   *
   * @param principal who logged in at the upgrade; without one the first call has to be `session.authenticate`
   */
  open(transport: Transport, principal?: Principal): JsonRpcSession {
    const session = new JsonRpcSession(transport, this.#shared);
    this.#sessions.set(session.id, session);
    if (principal !== undefined) session.authenticate(principal);
    return session;
  }

  onAuthenticated(listener: (session: Session) => void): () => void {
    this.#authenticatedListeners.add(listener);
    return () => this.#authenticatedListeners.delete(listener);
  }

  onDrain(listener: () => () => number): () => void {
    this.#drainListeners.add(listener);
    return () => this.#drainListeners.delete(listener);
  }

  async drain(reason: string, deadlineMs: number): Promise<void> {
    const retryAfterMs = 1000;
    this.responder.goingAway = { retryAfterMs };
    for (const session of this.#sessions.values()) {
      session.notify('daemon.goingAway', { reason, deadlineMs, retryAfterMs });
    }
    const under = [...this.#drainListeners].map((listener) => listener());
    const left = (): number =>
      under.reduce(
        (sum, count) => sum + count(),
        this.#sum((session) => session.inFlight.size),
      );
    const until = this.clock.monotonicMs() + deadlineMs;
    while (this.clock.monotonicMs() < until && left() > 0) {
      await new Promise<void>((resolve) => this.timers.after(DRAIN_CHECK_MS, resolve));
    }
    for (const session of [...this.#sessions.values()]) {
      session.endSubscriptions('going_away');
      session.close(CLOSE.goingAway, 'going_away');
    }
  }

  /** Stops watching credentials and permissions; the sessions are the listener's to end. */
  close(): void {
    for (const stop of this.#stopListening) stop();
    this.#expiryTimer.cancel();
  }

  #authenticated(session: JsonRpcSession): void {
    if (session.principal?.expiresAt === undefined) this.#expiring.delete(session);
    else this.#expiring.add(session);
    for (const listener of this.#authenticatedListeners) listener(session);
  }

  #endCredential(ended: (principal: Principal) => boolean): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.principal !== undefined && ended(session.principal)) endForCredential(session);
    }
  }

  #sum(of: (session: JsonRpcSession) => number): number {
    let sum = 0;
    for (const session of this.#sessions.values()) sum += of(session);
    return sum;
  }
}

function endForCredential(session: JsonRpcSession): void {
  session.endSubscriptions('permission_revoked');
  session.close(CLOSE.credentialEnded, 'credential_ended');
}
