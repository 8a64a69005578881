import type { Timer, Timers } from '@ai-orchestrator/core/plugin';
import type { UpstreamLimits } from './upstream-limits.js';

const WINDOW_MS = 100;
const SHARE = WINDOW_MS / 1000;

/** How much of a server is read in each tenth of a second; what is past that waits, on the server's side. */
export class Intake {
  #window: Timer | undefined;
  #bytes = 0;
  #unasked = 0;
  #waiting: (() => void)[] = [];
  /** Windows in a row at whose end something waited. */
  #heldBack = 0;

  /** @param flooded called when something had to wait for `floodMs` without a break */
  constructor(
    private readonly limits: UpstreamLimits,
    private readonly timers: Timers,
    private readonly flooded: () => void,
  ) {}

  /** Whether more may be read now. */
  get hasRoom(): boolean {
    const { bytesPerSecond, unaskedPerSecond } = this.limits;
    return this.#bytes < bytesPerSecond * SHARE && this.#unasked < unaskedPerSecond * SHARE;
  }

  /** Something was read. @param unasked messages among it that are no answers */
  count(bytes: number, unasked: number): void {
    this.#bytes += bytes;
    this.#unasked += unasked;
    this.#window ??= this.timers.after(WINDOW_MS, () => this.#endWindow());
  }

  /** Called back when there is room again. */
  wait(resume: () => void): void {
    this.#waiting.push(resume);
  }

  cancel(): void {
    this.#window?.cancel();
    this.#waiting = [];
  }

  #endWindow(): void {
    const waiting = this.#waiting;
    this.#window = undefined;
    this.#bytes = 0;
    this.#unasked = 0;
    this.#waiting = [];
    this.#heldBack = waiting.length === 0 ? 0 : this.#heldBack + 1;
    if (this.#heldBack * WINDOW_MS >= this.limits.floodMs) this.flooded();
    else for (const resume of waiting) resume();
  }
}
