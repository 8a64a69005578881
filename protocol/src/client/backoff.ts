import type { ClientLimits } from './options.js';

/**
 * How long to wait before the next attempt: at random below a bound that doubles with each failure (full jitter), on top of what the
 * daemon asked for.
 *
 * @param failures how many attempts failed in a row, 1 or more
 * @param random 0 <= n < 1
 * @param retryAfterMs what the daemon asked for, taken up to `limits.retryAfterMaxMs`
 * @returns milliseconds
 */
export function backoffMs(failures: number, random: () => number, limits: ClientLimits, retryAfterMs = 0): number {
  const bound = Math.min(limits.reconnectMaxMs, limits.reconnectBaseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(Math.min(Math.max(retryAfterMs, 0), limits.retryAfterMaxMs) + random() * bound);
}
