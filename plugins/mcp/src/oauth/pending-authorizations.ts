import { createHash } from 'node:crypto';
import type { Clock, Random } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';

/** Random bytes of a `state` and of a code verifier [RFC 7636 §4.1]. */
const SECRET_BYTES = 32;

/** An authorization that a person was sent to. */
export interface PendingAuthorization<For> {
  readonly for: For;
  /** Kept here and nowhere else until the code is exchanged. */
  readonly codeVerifier: string;
  /** Monotonic milliseconds. */
  readonly endsAt: number;
}

/** Bounds of {@link PendingAuthorizations}. */
export interface PendingLimits {
  readonly pending: number;
  readonly pendingMs: number;
}

/** Authorizations that wait for a person, by `state`: each can be taken once, in time. */
export class PendingAuthorizations<For> {
  /** Oldest first, so that those that have ended come first. */
  readonly #pending = new Map<string, PendingAuthorization<For>>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limits: PendingLimits,
  ) {}

  /** @throws OrchestratorError `limit_exceeded` when too many wait */
  add(whom: For): { readonly state: string; readonly codeChallenge: string; readonly endsInMs: number } {
    const now = this.clock.monotonicMs();
    for (const [state, { endsAt }] of this.#pending) {
      if (endsAt > now) break;
      this.#pending.delete(state);
    }
    if (this.#pending.size >= this.limits.pending) {
      throw new OrchestratorError('limit_exceeded', 'too many authorizations wait for people; finish one, or wait', {
        limit: { name: 'plugins.mcp.config.oauth.pending', value: this.limits.pending },
      });
    }
    const [state, codeVerifier] = [this.#secret(), this.#secret()];
    this.#pending.set(state, { for: whom, codeVerifier, endsAt: now + this.limits.pendingMs });
    const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
    return { state, codeChallenge, endsInMs: this.limits.pendingMs };
  }

  /** The authorization of a state; a second time, and after its end, there is none. */
  take(state: string): PendingAuthorization<For> | undefined {
    const found = this.#pending.get(state);
    this.#pending.delete(state);
    return found !== undefined && found.endsAt > this.clock.monotonicMs() ? found : undefined;
  }

  /** Whom the authorization of a state is for, while it waits; it goes on waiting. */
  peek(state: string): For | undefined {
    const found = this.#pending.get(state);
    return found !== undefined && found.endsAt > this.clock.monotonicMs() ? found.for : undefined;
  }

  /** Ends those that fit. */
  drop(fits: (whom: For) => boolean): void {
    for (const [state, pending] of this.#pending) if (fits(pending.for)) this.#pending.delete(state);
  }

  #secret(): string {
    return this.random.bytes(SECRET_BYTES).toString('base64url');
  }
}
