import type { StoreUnderTest } from '@ai-orchestrator/core/store-contract';
import { LevelStore, type LevelLimits, type LevelStoreOptions } from '@ai-orchestrator/plugin-storage-level';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const quiet = (): void => undefined;

/** Options for a store in a directory, with the machine's own time and no log. */
export function levelOptions(path: string, limits: Partial<LevelLimits> = {}): LevelStoreOptions {
  const log = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet, child: () => log };
  return {
    path,
    node: 'test',
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    timers: {
      after: (ms, run) => {
        const timer = setTimeout(run, ms).unref();
        return { cancel: () => clearTimeout(timer) };
      },
      every: (ms, run) => {
        const timer = setInterval(run, ms).unref();
        return { cancel: () => clearInterval(timer) };
      },
    },
    log,
    // Segments are written ahead in full; small ones keep tests fast.
    limits: {
      segmentBytes: 1024 * 1024,
      maxCommitBytes: 256 * 1024,
      maxGroupBytes: 256 * 1024,
      reserveBytes: 0,
      ...limits,
    },
  };
}

/** A store of its own in a temporary directory. */
export async function openLevel(
  limits: Partial<LevelLimits> = {},
): Promise<StoreUnderTest & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'store-level-'));
  let store = await LevelStore.open(levelOptions(path, limits));
  return {
    path,
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await LevelStore.open(levelOptions(path, limits));
      return store;
    },
    async dispose() {
      await store.close();
      await rm(path, { recursive: true });
    },
  };
}
