import { monitorEventLoopDelay } from 'node:perf_hooks';
import { inject, injectable } from 'tsyringe';
import { token } from '../plugin/token.js';
import { Health } from './health.js';
import type { CheckResult } from './health.js';
import { Instruments } from './instruments.js';
import { Clock, Timers } from './time.js';
import type { Timer } from './time.js';

/** How {@link LoopLag} measures. */
export interface LoopLagOptions {
  /** Between two looks at the loop, milliseconds. */
  readonly resolutionMs: number;
  /** The figures are those of this long, milliseconds. */
  readonly windowMs: number;
  /** `lastTurnAt` is at most this old on an idle loop, milliseconds. */
  readonly turnMs: number;
  /** The health check fails while the window's longest lag is above it, milliseconds. */
  readonly unhealthyMs: number;
}
/** Token of {@link LoopLagOptions}. */
export const LoopLagOptions = token<LoopLagOptions>('loop-lag-options');

/** {@link LoopLagOptions} unless configured. */
export const DEFAULT_LOOP_LAG: LoopLagOptions = {
  resolutionMs: 20,
  windowMs: 10_000,
  turnMs: 1_000,
  unhealthyMs: 1_000,
};

/** How late the event loop was, milliseconds. */
export interface Lag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const NANOSECONDS_PER_MS = 1e6;

/** Watches how late the event loop turns; the watchdog, the status and readiness read it. */
@injectable()
export class LoopLag {
  readonly #delay;
  readonly #timers: readonly Timer[];
  readonly #removeCheck: () => void;
  #past: Lag = { p50: 0, p99: 0, max: 0 };
  #lastTurnAt: number;

  constructor(
    @inject(Clock) clock: Clock,
    @inject(Timers) timers: Timers,
    @inject(Instruments) instruments: Instruments,
    @inject(Health) health: Health,
    @inject(LoopLagOptions) private readonly options: LoopLagOptions,
  ) {
    this.#delay = monitorEventLoopDelay({ resolution: options.resolutionMs });
    this.#delay.enable();
    this.#lastTurnAt = clock.monotonicMs();
    this.#timers = [
      timers.every(options.turnMs, () => (this.#lastTurnAt = clock.monotonicMs())),
      timers.every(options.windowMs, () => this.#turnWindow()),
    ];
    instruments.gauge(
      'orchestrator_event_loop_lag_seconds',
      'How late the event loop turned, over the last window.',
      ['stat'],
      () => Object.entries(this.lag()).map(([stat, ms]) => ({ labels: [stat], value: ms / 1000 })),
    );
    this.#removeCheck = health.addCheck('event-loop', () => this.#verdict());
  }

  /** Clock's `monotonicMs` when the loop last turned. */
  get lastTurnAt(): number {
    return this.#lastTurnAt;
  }

  /** The worse of the window that ended last and the one that runs. */
  lag(): Lag {
    const now = this.#read();
    return {
      p50: Math.max(now.p50, this.#past.p50),
      p99: Math.max(now.p99, this.#past.p99),
      max: Math.max(now.max, this.#past.max),
    };
  }

  /** Measures anew: what held the loop up before says nothing of what comes, as the work of a start. */
  forget(): void {
    this.#past = { p50: 0, p99: 0, max: 0 };
    this.#delay.reset();
  }

  /** Ends the measuring. */
  close(): void {
    this.#delay.disable();
    for (const timer of this.#timers) timer.cancel();
    this.#removeCheck();
  }

  #turnWindow(): void {
    this.#past = this.#read();
    this.#delay.reset();
  }

  #read(): Lag {
    if (this.#delay.count === 0) return { p50: 0, p99: 0, max: 0 };
    // What is recorded is the time between two looks, of which the resolution is intended.
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS_PER_MS - this.options.resolutionMs);
    return {
      p50: late(this.#delay.percentile(50)),
      p99: late(this.#delay.percentile(99)),
      max: late(this.#delay.max),
    };
  }

  #verdict(): CheckResult {
    const { max } = this.lag();
    // The longest: one standstill of seconds is one look among hundreds, which no percentile shows.
    if (max <= this.options.unhealthyMs) return { healthy: true };
    return {
      healthy: false,
      reason: `the event loop was ${Math.round(max)} ms late (limit ${this.options.unhealthyMs}); the log names what blocked it`,
    };
  }
}
