import type { Log, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { collect } from './collect.js';
import { heapUse } from './heap-room.js';

/** From which shares of the heap limit something is done. */
export interface HeapLimits {
  /** New sessions and calls are refused from here, 0 to 1. */
  readonly heapSoftLimit: number;
  /** The daemon stops from here, 0 to 1. */
  readonly heapHardLimit: number;
}

/** How full the heap is. */
export interface HeapUse {
  readonly usedBytes: number;
  /** What it can hold of objects that live long. */
  readonly limitBytes: number;
}

const LOOK_EVERY_MS = 100;
/** While the daemon stops because of its heap. */
const LAST_LOOKS_MS = 20;

/** What is done when memory runs out. */
export interface HeapActions {
  /** Called once, when a collection left the heap above the hard limit: the daemon should be stopped at once. */
  onExhausted(use: HeapUse): void;
  /** Called once, when the heap goes on to fill during that stop: nothing but the end of the process is left. */
  onLost(): void;
}

/**
 * Watches how full V8's heap is. Refusing calls does no harm when much of it turns out to be garbage; stopping would, so above the hard
 * limit a collection is forced first, and what it leaves decides.
 */
export class HeapWatch {
  #timer: Timer;
  #overloaded = false;

  constructor(
    private readonly timers: Timers,
    private readonly log: Log,
    private readonly limits: HeapLimits,
    private readonly actions: HeapActions,
  ) {
    this.#timer = timers.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Whether new work is to be refused. */
  get overloaded(): boolean {
    return this.#overloaded;
  }

  /** Ends the watch. */
  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const { share, usedBytes, limitBytes } = heapShare();
    const overloaded = share >= this.limits.heapSoftLimit;
    if (overloaded !== this.#overloaded) {
      this.#overloaded = overloaded;
      if (overloaded) this.log.error({ usedBytes, limitBytes }, 'the heap is nearly full: new calls are refused');
      else this.log.info({ usedBytes, limitBytes }, 'the heap has room again: new calls are taken');
    }
    if (share < this.limits.heapHardLimit) return;
    // It stands still for long, but the alternative is the end of the process.
    collect();
    const left = heapShare();
    if (left.share < this.limits.heapHardLimit) return;
    this.close();
    this.#timer = this.timers.every(LAST_LOOKS_MS, () => this.#lookAgain());
    this.actions.onExhausted({ usedBytes: left.usedBytes, limitBytes });
  }

  /** Half of what was left is gone too. */
  #lookAgain(): void {
    if (heapShare().share < (1 + this.limits.heapHardLimit) / 2) return;
    this.close();
    this.actions.onLost();
  }
}

function heapShare(): HeapUse & { readonly share: number } {
  const use = heapUse();
  return { ...use, share: use.usedBytes / use.limitBytes };
}
