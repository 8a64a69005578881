import type { Put } from '../store/store.js';
import type { FailureKind } from './message-events.js';

/** A delivery of a message that came to nothing, as timelines show it. Times are wall-clock ms. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly deliveredAt: number;
  readonly endedAt: number;
  readonly reason: FailureKind;
}

const DIGITS = 6;

/** Before the failed deliveries of a message. */
export function attemptsPrefix(messageId: string): string {
  return `message-attempts/${messageId}/`;
}

/** Keeps a failed delivery, in the commit that hands the message back. */
export function keptAttempt(messageId: string, failed: FailedAttempt): Put {
  return { key: attemptKey(messageId, failed.attempt), text: JSON.stringify(failed) };
}

/** Where failed deliveries of a message may be, for who forgets it. @param attempts how many deliveries it had */
export function attemptKeys(messageId: string, attempts: number): string[] {
  return Array.from({ length: attempts }, (_, i) => attemptKey(messageId, i + 1));
}

function attemptKey(messageId: string, attempt: number): string {
  return attemptsPrefix(messageId) + String(attempt).padStart(DIGITS, '0');
}
