import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Clock } from '../host/time.js';

/** How often one identity may come back. */
export interface FlapLimits {
  readonly registerBurst: number;
  readonly registerIntervalMs: number;
  readonly countedRegistrations: number;
}

/**
 * Limits how often each identity registers: a burst, then one in each interval (GCRA, one number an identity). It counts a principal's
 * agent, so that others cannot use up its share.
 */
export class FlapLimiter {
  /** When each identity's burst is whole again, monotonic; least recently counted first. */
  readonly #wholeAt = new Map<string, number>();

  constructor(
    private readonly limits: FlapLimits,
    private readonly clock: Clock,
  ) {}

  /** @throws OrchestratorError `rate_limited` with `retryAfterMs` */
  count(principal: string, agentId: string): void {
    const now = this.clock.monotonicMs();
    const { registerBurst, registerIntervalMs } = this.limits;
    const key = keyOf(principal, agentId);
    const wholeAt = Math.max(this.#wholeAt.get(key) ?? 0, now) + registerIntervalMs;
    const early = wholeAt - now - registerBurst * registerIntervalMs;
    if (early > 0) {
      throw new OrchestratorError('rate_limited', `${agentId} comes back too often; wait, and back off with jitter`, {
        retryAfterMs: Math.ceil(early),
      });
    }
    this.#wholeAt.delete(key);
    this.#wholeAt.set(key, wholeAt);
    this.#forget(now);
  }

  /** Whether an identity has used up half of its burst. */
  flapping(principal: string, agentId: string): boolean {
    const wholeAt = this.#wholeAt.get(keyOf(principal, agentId)) ?? 0;
    return wholeAt - this.clock.monotonicMs() > (this.limits.registerBurst * this.limits.registerIntervalMs) / 2;
  }

  /** Two at a time, so that the map shrinks faster than it grows; the bound holds whatever comes. */
  #forget(now: number): void {
    let looked = 0;
    for (const [key, wholeAt] of this.#wholeAt) {
      if (this.#wholeAt.size <= this.limits.countedRegistrations && (wholeAt > now || looked >= 2)) return;
      this.#wholeAt.delete(key);
      looked++;
    }
  }
}

function keyOf(principal: string, agentId: string): string {
  return `${principal}\n${agentId}`;
}
