import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { inject, injectable } from 'tsyringe';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { Instruments } from '../host/instruments.js';
import type { Counter } from '../host/instruments.js';
import { Log } from '../host/log.js';
import { Clock, Timers } from '../host/time.js';
import { token } from '../plugin/token.js';
import type { Authentication, AuthenticationScheme } from './authentication.js';
import { FailureLimiter } from './failure-limiter.js';
import type { FailureLimits } from './failure-limiter.js';
import type { Principal } from './principal.js';

/** Bounds of {@link AuthenticationRegistry}. */
export interface AuthenticationLimits extends FailureLimits {
  /** Longer tokens are nobody's. */
  readonly tokenCharacters: number;
  /** Right tokens remembered of schemes that do not answer from memory, and for how long. */
  readonly cachedTokens: number;
  readonly cacheMs: number;
  /** Tokens that such schemes look at at once. */
  readonly pending: number;
  /** Revoked credentials remembered, so that an answer that was on its way is not believed. */
  readonly revocations: number;
}
/** Token of {@link AuthenticationLimits}. */
export const AuthenticationLimits = token<AuthenticationLimits>('authentication-limits');

/** {@link AuthenticationLimits} unless configured. */
export const DEFAULT_AUTHENTICATION_LIMITS: AuthenticationLimits = {
  failures: 20,
  forgiveMs: 1_000,
  banMs: 1_000,
  maxBanMs: 300_000,
  maxAddresses: 16_384,
  tokenCharacters: 4_096,
  cachedTokens: 4_096,
  cacheMs: 30_000,
  pending: 64,
  revocations: 10_000,
};

/** A session that logs in in the very moment of the revocation or expiry is told this much later, milliseconds. */
const REPEAT_REVOCATION_MS = 1_000;
const BUSY_RETRY_MS = 500;

/** Asks the schemes whose token it is, remembers what costs, and limits who guesses. */
@injectable()
export class AuthenticationRegistry implements Authentication {
  readonly #schemes = new Set<AuthenticationScheme>();
  readonly #listeners = new Set<(credentialId: string) => void>();
  readonly #failures: FailureLimiter;
  readonly #cache: LRUCache<string, Principal>;
  /** Longest revoked first. */
  readonly #revoked = new Set<string>();
  readonly #succeeded: Counter;
  readonly #failed: Counter;
  readonly #refused: Counter;
  readonly #log: Log;
  #pending = 0;

  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Instruments) instruments: Instruments,
    @inject(Log) log: Log,
    @inject(AuthenticationLimits) private readonly limits: AuthenticationLimits,
  ) {
    this.#log = log.child('authentication');
    this.#failures = new FailureLimiter(clock, limits);
    const perf = { now: () => clock.monotonicMs() };
    this.#cache = new LRUCache({ max: limits.cachedTokens, ttl: limits.cacheMs, ttlResolution: 0, perf });
    const outcomes = instruments.counter('orchestrator_authentications_total', 'Logins that were tried.', ['outcome']);
    this.#succeeded = outcomes.with('success');
    this.#failed = outcomes.with('failure');
    this.#refused = outcomes.with('limited');
  }

  /** @throws Error when a scheme of the name is there */
  addScheme(scheme: AuthenticationScheme): () => void {
    if ([...this.#schemes].some(({ name }) => name === scheme.name)) {
      throw new Error(`authentication scheme "${scheme.name}" exists already; enable only one plugin that has it`);
    }
    this.#schemes.add(scheme);
    return () => {
      this.#schemes.delete(scheme);
      this.#cache.clear();
    };
  }

  authenticate(
    token: string,
    remoteAddress: string,
    resource?: string,
  ): Promise<Principal | undefined> | Principal | undefined {
    const bannedForMs = this.#failures.bannedForMs(remoteAddress);
    const whose = this.#whose(token, resource, bannedForMs > 0);
    // By its `then`: a promise of another library must not pass for a principal.
    if (whose === undefined || !('then' in whose)) return this.#judged(whose, remoteAddress, bannedForMs);
    return Promise.resolve(whose).then((principal) => this.#judged(principal, remoteAddress, bannedForMs));
  }

  /** Counts an outcome, and answers whose the token is after all. */
  #judged(principal: Principal | undefined, remoteAddress: string, bannedForMs: number): Principal | undefined {
    if (principal !== undefined && this.#stillValid(principal)) {
      this.#succeeded.add();
      return principal;
    }
    if (bannedForMs > 0) throw this.#limited('too many wrong credentials from this address', bannedForMs);
    this.#failed.add();
    const banMs = this.#failures.failed(remoteAddress);
    if (banMs > 0)
      this.#log.warn({ remoteAddress, banMs }, 'too many wrong credentials: the address is banned for a while');
    return undefined;
  }

  revoke(credentialId: string): void {
    this.#revoked.add(credentialId);
    if (this.#revoked.size > this.limits.revocations) {
      for (const longest of this.#revoked) {
        this.#revoked.delete(longest);
        break;
      }
    }
    this.expire(credentialId);
  }

  expire(credentialId: string): void {
    for (const [key, principal] of this.#cache.entries()) {
      if (principal.credentialId === credentialId) this.#cache.delete(key);
    }
    this.#tell(credentialId);
    this.timers.after(REPEAT_REVOCATION_MS, () => this.#tell(credentialId));
  }

  onRevoked(listener: (credentialId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #whose(
    token: string,
    resource: string | undefined,
    banned: boolean,
  ): Promise<Principal | undefined> | Principal | undefined {
    if (token.length === 0 || token.length > this.limits.tokenCharacters) return undefined;
    for (const scheme of this.#schemes) {
      if (!scheme.recognises(token)) continue;
      if (scheme.answersFromMemory === true) return scheme.authenticate(token, resource);
      return this.#remembered(scheme, token, resource, banned);
    }
    return undefined;
  }

  async #remembered(
    scheme: AuthenticationScheme,
    token: string,
    resource: string | undefined,
    banned: boolean,
  ): Promise<Principal | undefined> {
    const key = createHash('sha256')
      .update(`${token} ${resource ?? ''}`)
      .digest('base64');
    const cached = this.#cache.get(key);
    if (cached !== undefined || banned) return cached;
    if (this.#pending >= this.limits.pending) throw this.#limited('too many logins at once', BUSY_RETRY_MS);
    this.#pending++;
    try {
      const principal = await scheme.authenticate(token, resource);
      if (principal !== undefined && this.#stillValid(principal)) this.#cache.set(key, principal);
      return principal;
    } finally {
      this.#pending--;
    }
  }

  #stillValid(principal: Principal): boolean {
    return (
      !this.#revoked.has(principal.credentialId) &&
      (principal.expiresAt === undefined || this.clock.now() < principal.expiresAt)
    );
  }

  #limited(why: string, retryAfterMs: number): OrchestratorError {
    this.#refused.add();
    return new OrchestratorError('rate_limited', `${why}; wait ${retryAfterMs} ms`, { retryAfterMs });
  }

  #tell(credentialId: string): void {
    for (const listener of this.#listeners) listener(credentialId);
  }
}
