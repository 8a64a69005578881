/** A timer that was started; canceling twice is harmless. */
export interface Timer {
  cancel(): void;
}

/** Where the client's time comes from: its delays, deadlines and what it counts as silence. */
export interface Time {
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** Calls `run` once. */
  after(ms: number, run: () => void): Timer;
  /** Calls `run` again and again. */
  every(ms: number, run: () => void): Timer;
}

/** The platform's own time. */
export const PLATFORM_TIME: Time = {
  monotonicMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return { cancel: () => clearInterval(timer) };
  },
};
