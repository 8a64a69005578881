import { token } from '../plugin/token.js';

/** A check's verdict. */
export interface CheckResult {
  readonly healthy: boolean;
  readonly reason?: string;
}

/** What readiness depends on. */
export interface Health {
  /** Adds a check that `/readyz` and the status ask; answers how to take it away again. */
  addCheck(name: string, check: () => CheckResult): () => void;
  /** Every check's verdict now. */
  results(): readonly (CheckResult & { readonly name: string })[];
}
/** Token of {@link Health}. */
export const Health = token<Health>('health');
