import { injectable } from 'tsyringe';
import type { Timer, Timers } from './time.js';

/** Node's timers, unreferenced: none keeps the process alive. */
@injectable()
export class SystemTimers implements Timers {
  after(ms: number, run: () => void): Timer {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  every(ms: number, run: () => void): Timer {
    const timer = setInterval(run, ms);
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  }
}
