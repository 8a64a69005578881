import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Task, TaskError } from './task.js';

/** There is no such task, or it is none of the caller's. */
export function taskNotFound(taskId: string): OrchestratorError {
  return new OrchestratorError('task_not_found', taskId, { resource: `task/${taskId}` });
}

/** What is said under an epoch that is over. */
export function staleAttempt({ taskId, epoch, attempt, state }: Task, said: number): OrchestratorError {
  return new OrchestratorError('stale_attempt', `epoch ${String(said)} of task ${taskId} is over; stop working on it`, {
    resource: `task/${taskId}`,
    epoch,
    attempt,
    state,
  });
}

/** Whether an error says that something was changed by another commit. */
export function isConflict(error: unknown): boolean {
  return error instanceof OrchestratorError && error.errorName === 'conflict';
}

/** A bound of {@link TaskLimits} is passed. */
export function tooMuch(what: string, limit: string, value: number): OrchestratorError {
  return new OrchestratorError('limit_exceeded', `${what}: tasks.${limit} is ${String(value)}`, {
    limit: `tasks.${limit}`,
    value,
  });
}

/** Why the daemon ended an attempt; the names can be told apart in `retry.doNotRetry`. */
export const ATTEMPT_ERRORS = {
  workerLost: { name: 'worker_lost', message: 'the connection of the worker ended and it did not come back' },
  leaseExpired: { name: 'lease_expired', message: 'nothing was heard of the task within its lease' },
  tookTooLong: { name: 'deadline_exceeded', message: 'the attempt took longer than limits.runningMs' },
  waitedTooLong: { name: 'deadline_exceeded', message: 'it waited longer than limits.queuedMs' },
  totalTooLong: { name: 'deadline_exceeded', message: 'it took longer than limits.totalMs', retryable: false },
  overBudget: { name: 'budget_exceeded', message: 'it spent more than its budget', retryable: false },
} as const satisfies Record<string, TaskError>;
