import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Admission } from './http/admission.js';

/** How long a client that is refused is asked to wait. */
const RETRY_AFTER_MS = 1_000;

/** Refuses new work while the daemon goes away, or while its heap is nearly full. */
export class AdmissionGate implements Admission {
  #goingAway = false;
  #overloaded: () => boolean = () => false;

  /** Asks `overloaded` from here on. */
  watch(overloaded: () => boolean): void {
    this.#overloaded = overloaded;
  }

  /** Refuses from here on. */
  goAway(): void {
    this.#goingAway = true;
  }

  refusal(): OrchestratorError | undefined {
    if (this.#goingAway) return new OrchestratorError('going_away', undefined, { retryAfterMs: RETRY_AFTER_MS });
    if (!this.#overloaded()) return undefined;
    return new OrchestratorError('unavailable', 'the daemon is short of memory', { retryAfterMs: RETRY_AFTER_MS });
  }
}
