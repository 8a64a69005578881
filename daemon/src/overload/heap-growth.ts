import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';

/** How far the heap grows before V8 collects. */
export interface HeapGrowthLimits {
  /** Up to where the young generation grows; it doubles, so that it may stop at half of this. */
  readonly youngGenerationBytes: number;
  /** Growth from one full collection to the next, percent of what the earlier one left. */
  readonly heapGrowthPercent: number;
}

/** What V8 multiplies the young generation by when much in it survives. */
const V8_GROWTH = 2;
const NO_GROWTH = 1;
/** V8 decides. */
const V8_PERCENT = 0;
/** Node 20 takes so much at once for small buffers; Node 24 takes 64 KiB, all of which stays as long as any one of them is in use. */
const BUFFER_POOL_BYTES = 8 * 1024;

/**
 * Makes V8 collect before it takes more memory. Left alone, it lets garbage that survived its youth, and the buffers that hang on it, grow
 * to several times what is in use; and the young generation doubles up to 32 MiB, from the V8 of Node 24 on to 128 MiB, and hardly ever
 * shrinks. V8 takes a bound on the latter only in the command line, so its growth is switched off when the next step would pass the bound.
 */
export class HeapGrowth {
  readonly #limits: HeapGrowthLimits;
  readonly #bufferPoolBytes = Buffer.poolSize;
  readonly #observer = new PerformanceObserver(() => this.#look());
  readonly #onWorker = (worker: Worker): void => void worker.once('online', () => this.#look());

  constructor(limits: HeapGrowthLimits) {
    this.#limits = limits;
    setGrowthPercent(limits.heapGrowthPercent);
    Buffer.poolSize = Math.min(Buffer.poolSize, BUFFER_POOL_BYTES);
    // The young generation grows in collections only, so that a look after each comes in time.
    this.#observer.observe({ entryTypes: ['gc'] });
    // V8 switches its growth on again, for the whole process, when it sets up a thread's heap.
    process.on('worker', this.#onWorker);
    this.#look();
  }

  /** Lets V8 decide again. */
  close(): void {
    this.#observer.disconnect();
    process.off('worker', this.#onWorker);
    Buffer.poolSize = this.#bufferPoolBytes;
    setGrowthPercent(V8_PERCENT);
    setYoungGrowth(V8_GROWTH);
  }

  #look(): void {
    const next = youngGenerationBytes() * V8_GROWTH;
    setYoungGrowth(next > this.#limits.youngGenerationBytes ? NO_GROWTH : V8_GROWTH);
  }
}

/** What the young generation takes of memory now, whether it is used or not. */
export function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}

function setGrowthPercent(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}
