import { OrchestratorError } from '../error.js';
import { backoffMs } from './backoff.js';
import { ConnectionError } from './connection-error.js';
import type { ClientLimits } from './options.js';
import type { Time } from './time.js';
import { retryAfterOf } from './wire.js';

/** What persisting needs. */
export interface Persistence {
  readonly limits: ClientLimits;
  readonly time: Time;
  readonly random: () => number;
}

/**
 * Calls until the daemon has answered, over lost connections and refusals that pass: only for calls that may be made twice.
 *
 * @throws what trying again cannot change, and what aborted the signal
 */
export async function persist<T>(call: () => Promise<T>, signal: AbortSignal, how: Persistence): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!canPass(error)) throw error;
      const delayMs = backoffMs(failures + 1, how.random, how.limits, retryAfterOf(error));
      await new Promise<void>((resolve) => how.time.after(delayMs, resolve));
      signal.throwIfAborted();
    }
  }
}

/** Whether the same call may do later. */
export function canPass(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.reason !== 'closed';
  // Our own time limit while there was no connection, or a refusal of the daemon.
  return error instanceof OrchestratorError && (error.errorName === 'deadline_exceeded' || error.data.retryable);
}
