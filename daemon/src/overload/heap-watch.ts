import type { Log, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

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
  readonly limitBytes: number;
}

const LOOK_EVERY_MS = 100;

/**
 * Watches how full V8's heap is. What counts is what a major collection left, since before it much of a full heap can be garbage; those
 * are listened to only while the heap is above the soft limit, so that in good times the watch costs a look at a figure.
 */
export class HeapWatch {
  readonly #timer: Timer;
  #observer: PerformanceObserver | undefined;
  #overloaded = false;

  /** @param onExhausted called once, when a collection left the heap above the hard limit */
  constructor(
    timers: Timers,
    private readonly log: Log,
    private readonly limits: HeapLimits,
    private readonly onExhausted: (use: HeapUse) => void,
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
    this.#observer?.disconnect();
  }

  #look(): void {
    const { share } = heapShare();
    if (share < this.limits.heapSoftLimit) {
      this.#observer?.disconnect();
      this.#observer = undefined;
      if (this.#overloaded) this.log.info({}, 'the heap has room again: new sessions and calls are taken');
      this.#overloaded = false;
    } else if (this.#observer === undefined) {
      this.#observer = new PerformanceObserver((list) => {
        if (list.getEntries().some(isMajor)) this.#afterCollection();
      });
      this.#observer.observe({ entryTypes: ['gc'] });
    }
  }

  #afterCollection(): void {
    const { share, usedBytes, limitBytes } = heapShare();
    if (share >= this.limits.heapSoftLimit && !this.#overloaded) {
      this.#overloaded = true;
      this.log.error({ usedBytes, limitBytes }, 'the heap is nearly full: new sessions and calls are refused');
    }
    if (share < this.limits.heapHardLimit) return;
    this.close();
    this.onExhausted({ usedBytes, limitBytes });
  }
}

function heapShare(): HeapUse & { readonly share: number } {
  const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
  return { usedBytes, limitBytes, share: usedBytes / limitBytes };
}

function isMajor(entry: PerformanceEntry): boolean {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
