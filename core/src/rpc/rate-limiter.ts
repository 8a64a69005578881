import { token } from '../plugin/token.js';

/** Meters calls; a call of a batch counts like one alone. */
export interface RateLimiter {
  /** Takes one call from a principal's allowance: 0 when it may go on, otherwise how many milliseconds to wait. */
  take(principalId: string): number;
}
/** Token of {@link RateLimiter}. */
export const RateLimiter = token<RateLimiter>('rate-limiter');
