import type { OrchestratorError } from '@ai-orchestrator/protocol';
import { token } from '@ai-orchestrator/core/plugin';

/** Whether the daemon takes on more work. */
export interface Admission {
  /** Why new sessions and calls are refused now: overloaded, or going away; `undefined` when they are welcome. */
  refusal(): OrchestratorError | undefined;
}
/** Token of {@link Admission}. */
export const Admission = token<Admission>('admission');
