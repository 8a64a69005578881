import type { Clock, Log, Timer, Timers } from '@ai-orchestrator/core/plugin';
import type { ServiceManager } from './service-manager.js';

/** What tells whether the event loop turns; the core's LoopLag. */
export interface LoopProbe {
  /** Monotonic milliseconds when the loop last turned. */
  readonly lastTurnAt: number;
  lag(): { readonly p99: number };
}

/**
 * Feeds the service manager's watchdog at half its interval, but only while the loop turns: a loop that is blocked cannot feed, and one that is
 * mostly blocked, between whose blocks a timer would still fire, must not.
 *
 * @param stallMs lag from which the loop counts as blocked
 */
export function feedWatchdog(
  manager: ServiceManager,
  loop: LoopProbe,
  { clock, timers, log }: { clock: Clock; timers: Timers; log: Log },
  stallMs: number,
): Timer | undefined {
  if (manager.watchdogMs === undefined) return undefined;
  const every = manager.watchdogMs / 2;
  return timers.every(every, () => {
    const sinceTurn = clock.monotonicMs() - loop.lastTurnAt;
    const { p99 } = loop.lag();
    if (sinceTurn <= stallMs && p99 <= stallMs) manager.notify('WATCHDOG=1');
    else log.error({ sinceTurnMs: sinceTurn, lagMs: p99 }, 'the watchdog is not fed: the event loop is blocked');
  });
}
