import type { Log, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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
 * Watches how full V8's heap is. Refusing calls does no harm when much of it turns out to be garbage; stopping would, so above the hard
 * limit a collection is forced first, and what it leaves decides.
 */
export class HeapWatch {
  readonly #timer: Timer;
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
    collect();
    const left = heapShare();
    if (left.share < this.limits.heapHardLimit) return;
    this.close();
    this.onExhausted({ usedBytes: left.usedBytes, limitBytes });
  }
}

/** A full collection, at once; only where the alternative is the end of the process. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function heapShare(): HeapUse & { readonly share: number } {
  const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
  return { usedBytes, limitBytes, share: usedBytes / limitBytes };
}
