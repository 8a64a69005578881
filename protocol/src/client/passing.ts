import { OrchestratorError } from '../error.js';

/** What was followed is no longer kept, or no subscription is free. */
const PASSING: ReadonlySet<string> = new Set(['cursor_expired', 'limit_exceeded']);

/** Whether looking does instead of following, for now. */
export function isPassing(error: unknown): boolean {
  return error instanceof OrchestratorError && PASSING.has(error.errorName);
}
