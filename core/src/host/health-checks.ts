import { injectable } from 'tsyringe';
import type { CheckResult, Health } from './health.js';

/** The checks by name; one that throws is unhealthy with what it threw. */
@injectable()
export class HealthChecks implements Health {
  readonly #checks = new Map<string, () => CheckResult>();

  /** @throws Error when the name is taken */
  addCheck(name: string, check: () => CheckResult): () => void {
    if (this.#checks.has(name)) throw new Error(`health check "${name}" exists already; give it another name`);
    this.#checks.set(name, check);
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    };
  }

  results(): readonly (CheckResult & { readonly name: string })[] {
    return [...this.#checks].map(([name, check]) => ({ name, ...verdict(check) }));
  }
}

function verdict(check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    return {
      healthy: false,
      reason: `the check itself failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
