import type { Clock } from '@ai-orchestrator/core/plugin';

/** How often tokens may be asked for in a while, so that a server that refuses every token starts no storm. */
export class RenewalBudget {
  #taken: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limits: { readonly renewals: number; readonly renewalPeriodMs: number },
  ) {}

  /** Whether one more may be asked for now; counts it. */
  take(): boolean {
    const now = this.clock.monotonicMs();
    this.#taken = this.#taken.filter((at) => at > now - this.limits.renewalPeriodMs);
    if (this.#taken.length >= this.limits.renewals) return false;
    this.#taken.push(now);
    return true;
  }
}
