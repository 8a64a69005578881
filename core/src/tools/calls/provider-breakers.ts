import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Clock } from '../../host/time.js';
import type { ToolCallLimits } from './call-limits.js';
import { CircuitBreaker } from './circuit-breaker.js';

/** The circuit breaker of each provider that was called. */
export class ProviderBreakers {
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(
    private readonly limits: ToolCallLimits,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  of(provider: string): CircuitBreaker {
    let breaker = this.#breakers.get(provider);
    if (breaker === undefined) this.#breakers.set(provider, (breaker = new CircuitBreaker(this.limits, this.clock)));
    return breaker;
  }

  /** Forgets those of providers that are no more. */
  keep(isThere: (provider: string) => boolean): void {
    for (const provider of this.#breakers.keys()) if (!isThere(provider)) this.#breakers.delete(provider);
  }

  entries(): Iterable<readonly [string, CircuitBreaker]> {
    return this.#breakers;
  }
}

/** Nothing goes through to a provider now. */
export function providerResting(provider: string, { retryAfterMs, failures }: CircuitBreaker): OrchestratorError {
  return new OrchestratorError('unavailable', `${provider} failed ${failures} times in a row and is given a rest`, {
    provider,
    retryAfterMs,
  });
}
