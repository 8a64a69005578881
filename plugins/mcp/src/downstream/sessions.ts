import type { Clock, Principal, Random, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { View } from './operation.js';
import { Session, type SessionLimits, type SessionTerms } from './session.js';

/** How many sessions there may be, and how long they may idle. */
export interface SessionTableLimits extends SessionLimits {
  readonly sessions: number;
  readonly sessionsOfPrincipal: number;
  readonly idleMs: number;
}

/** How often idle sessions are looked for, of the time that they may idle. */
const SWEEPS = 4;
const ID_BYTES = 24;

/** Sessions of legacy clients. An id works for the principal that it was given to, and for nobody else. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #ofPrincipal = new Map<string, Set<Session>>();
  readonly #sweep;

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly random: Random,
    private readonly limits: SessionTableLimits,
  ) {
    this.#sweep = timers.every(Math.max(1, limits.idleMs / SWEEPS), () => this.#endIdle());
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /**
   * A new session. A principal that has too many loses the one that it used least recently and that does nothing; clients that never end
   * their sessions are common.
   *
   * @throws OrchestratorError `limit_exceeded`, or `unavailable` when there are too many of everybody
   */
  open(view: View, terms: SessionTerms): Session {
    const { principal } = view;
    const { sessions, sessionsOfPrincipal } = this.limits;
    const before = [...(this.#ofPrincipal.get(principal.id) ?? [])];
    if (before.length >= sessionsOfPrincipal) {
      const idle = before.filter(({ busy }) => !busy).sort((a, b) => a.lastUsed - b.lastUsed)[0];
      if (idle === undefined) {
        throw new OrchestratorError('limit_exceeded', 'you have too many sessions; end some', {
          limit: { name: 'downstream.sessionsOfPrincipal', value: sessionsOfPrincipal },
        });
      }
      this.end(idle, 'a newer session of the same principal takes its place');
    }
    if (this.#sessions.size >= sessions) {
      throw new OrchestratorError('unavailable', 'there are too many sessions', { retryAfterMs: 1_000 });
    }
    const id = this.random.bytes(ID_BYTES).toString('base64url');
    const session = new Session(id, view, terms, this.limits, this.timers);
    session.lastUsed = this.clock.monotonicMs();
    this.#sessions.set(session.id, session);
    const own = this.#ofPrincipal.get(principal.id) ?? new Set();
    this.#ofPrincipal.set(principal.id, own.add(session));
    return session;
  }

  /** The session, if it is this principal's and of this tool set: another's id is as unknown as none. */
  find(id: string, view: View): Session | undefined {
    const { principal, set } = view;
    const session = this.#sessions.get(id);
    if (session?.view.principal.id !== principal.id || session.view.set !== set) return undefined;
    session.lastUsed = this.clock.monotonicMs();
    // A token that was renewed goes on with the session of the one before, which is about to expire.
    if (validUntil(principal) > validUntil(session.view.principal)) session.view = view;
    return session;
  }

  end(session: Session, reason: string): void {
    this.#sessions.delete(session.id);
    const own = this.#ofPrincipal.get(session.view.principal.id);
    own?.delete(session);
    if (own?.size === 0) this.#ofPrincipal.delete(session.view.principal.id);
    session.close(reason);
  }

  /** Ends what came by a credential that is no longer valid. */
  endOf(credentialId: string): void {
    for (const session of this.#sessions.values()) {
      if (session.view.principal.credentialId === credentialId) this.end(session, 'the credential is no longer valid');
    }
  }

  close(): void {
    this.#sweep.cancel();
    for (const session of this.#sessions.values()) this.end(session, 'the gateway stops');
  }

  #endIdle(): void {
    const before = this.clock.monotonicMs() - this.limits.idleMs;
    for (const session of this.#sessions.values()) {
      if (session.lastUsed < before && !session.busy) this.end(session, 'it was idle for too long');
    }
  }
}

function validUntil({ expiresAt = Infinity }: Principal): number {
  return expiresAt;
}
