import { SystemClock, SystemTimers } from '@ai-orchestrator/core';
import type { Log } from '@ai-orchestrator/core/plugin';
import {
  LevelStore,
  type LevelLimits,
  type LevelStoreOptions,
  type Migration,
} from '@ai-orchestrator/plugin-storage-level';

const quiet = (): void => undefined;
const log: Log = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: quiet,
  child: () => log,
};

/** Limits that let a test meet every bound within a second. */
export const SMALL: Partial<LevelLimits> = {
  segmentBytes: 256 * 1024,
  maxCommitBytes: 64 * 1024,
  maxGroupBytes: 64 * 1024,
  checkpointBytes: 512 * 1024,
  keptLogBytes: 256 * 1024,
  writeBufferBytes: 128 * 1024,
  reserveBytes: 0,
  spaceProbeMs: 50,
};

/** Moves every `task/` entry to `job/`, 100 at a time. */
export const RENAME_TASKS: Migration = {
  version: 2,
  name: 'tasks are jobs',
  async step(source) {
    const page = await source.range({ from: 'task/', to: 'task0', limit: 100 });
    return {
      puts: page.entries.map(({ key, value }) => ({ key: key.replace('task/', 'job/'), value })),
      deletes: page.entries.map(({ key }) => key),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  },
};

/** Opens a store with small limits. */
export function openStore(
  path: string,
  options: Partial<Pick<LevelStoreOptions, 'limits' | 'migrations' | 'atStep'>> = {},
): Promise<LevelStore> {
  const { limits, ...rest } = options;
  return LevelStore.open({
    path,
    node: 'test',
    clock: new SystemClock(),
    timers: new SystemTimers(),
    log,
    limits: { ...SMALL, ...limits },
    ...rest,
  });
}
