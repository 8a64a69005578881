import { performance } from 'node:perf_hooks';
import { injectable } from 'tsyringe';
import type { Clock } from './time.js';

/** The machine's own clocks. */
@injectable()
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
