import type { Clock } from '../../host/time.js';
import type { ToolCallLimits } from './call-limits.js';

/** Whether calls go through: all of them, none, or one to find out. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Keeps calls from a provider that does not answer. After some failures in a row it opens: nothing goes through for a while. Then one call
 * is let through to find out; if that succeeds all may, if it fails the next rest is twice as long. What comes of a call that began before
 * the breaker last changed its state says nothing any more.
 */
export class CircuitBreaker {
  #state: BreakerState = 'closed';
  /** Rises with each change of state; what a call is let through with. */
  #period = 0;
  #failures = 0;
  /** When the last call was let through to find out, monotonic ms; `undefined` once it said something. */
  #probedAt: number | undefined;
  #openMs: number;
  #openUntil = 0;

  constructor(
    private readonly limits: Pick<
      ToolCallLimits,
      'breakerFailures' | 'breakerOpenMs' | 'breakerOpenMaxMs' | 'breakerTimeoutMs'
    >,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.#openMs = limits.breakerOpenMs;
  }

  /** An open one whose rest is over is half-open. */
  get state(): BreakerState {
    return this.#state === 'open' && this.clock.monotonicMs() >= this.#openUntil ? 'half-open' : this.#state;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Until a call may go through, ms; 0 when one may. A probe that is under way is given a moment, one that takes long is not waited for. */
  get retryAfterMs(): number {
    if (this.#state === 'closed') return 0;
    const restMs = Math.ceil(this.#openUntil - this.clock.monotonicMs());
    if (this.#state === 'open') return Math.max(0, restMs);
    if (this.#probedAt === undefined) return 0;
    const probeMs = Math.ceil(this.#probedAt + this.limits.breakerTimeoutMs - this.clock.monotonicMs());
    return Math.min(Math.max(0, probeMs), this.limits.breakerOpenMs);
  }

  /** Lets a call through and answers what its outcome is to be told with; `undefined` when none may go through now. */
  enter(): number | undefined {
    if (this.#state === 'closed') return this.#period;
    if (this.retryAfterMs > 0) return undefined;
    if (this.#state === 'open') this.#become('half-open');
    this.#probedAt = this.clock.monotonicMs();
    return this.#period;
  }

  /** The provider answered, whatever it said. */
  succeeded(period: number): void {
    if (period !== this.#period) return;
    this.#failures = 0;
    if (this.#state === 'closed') return;
    this.#openMs = this.limits.breakerOpenMs;
    this.#become('closed');
  }

  /** It could not be reached, or did not answer in time. */
  failed(period: number): void {
    if (period !== this.#period) return;
    this.#failures++;
    if (this.#state === 'half-open') {
      this.#openMs = Math.min(this.#openMs * 2, this.limits.breakerOpenMaxMs);
      this.#open();
    } else if (this.#failures >= this.limits.breakerFailures) this.#open();
  }

  /** The caller gave up, which says nothing of the provider; another call may find out. */
  abandoned(period: number): void {
    if (period === this.#period) this.#probedAt = undefined;
  }

  #open(): void {
    this.#openUntil = this.clock.monotonicMs() + this.#openMs;
    this.#become('open');
  }

  #become(state: BreakerState): void {
    this.#state = state;
    this.#period++;
    this.#probedAt = undefined;
  }
}
