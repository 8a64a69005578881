import {
  Clock,
  DaemonIdentity,
  DataDirectory,
  definePlugin,
  Health,
  Instruments,
  Store,
  Timers,
  type StoreState,
} from '@ai-orchestrator/core/plugin';
import { join } from 'node:path';
import { LevelConfig } from './config.js';
import { LevelStore } from './level-store.js';

const GROUP_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const SYNC_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1];

const STATES: readonly StoreState[] = ['open', 'degraded', 'full', 'fenced', 'closed'];

export default definePlugin({
  id: 'storage-level',
  config: LevelConfig,
  requires: {
    clock: Clock,
    timers: Timers,
    instruments: Instruments,
    health: Health,
    dataDirectory: DataDirectory,
    identity: DaemonIdentity,
  },
  provides: { store: Store },
  async start({ config, services, log, defer }) {
    const { clock, timers, instruments, health, dataDirectory, identity } = services;
    const commits = instruments
      .counter('orchestrator_store_commits_total', 'Commits that were written, conflicts included.')
      .with();
    const bytes = instruments.counter('orchestrator_store_log_bytes_total', 'Bytes appended to the log.').with();
    const groups = instruments
      .histogram('orchestrator_store_group_size', 'Commits that shared one sync.', GROUP_BUCKETS)
      .with();
    const syncs = instruments
      .histogram('orchestrator_store_sync_seconds', 'One synced write of a group.', SYNC_BUCKETS)
      .with();
    const store = await LevelStore.open({
      path: config.path ?? join(dataDirectory.path, 'store'),
      node: config.node ?? identity.node,
      clock,
      timers,
      log,
      ...(config.limits === undefined ? {} : { limits: config.limits }),
      measured(group) {
        commits.add(group.commits);
        bytes.add(group.bytes);
        groups.observe(group.commits);
        syncs.observe(group.syncMs / 1000);
      },
    });
    defer(() => store.close());
    instruments.gauge('orchestrator_store_queue_depth', 'Commits that wait for their sync.', [], () => [
      { value: store.waitingCommits },
    ]);
    instruments.gauge(
      'orchestrator_store_state',
      'The state that the store is in is 1, every other 0.',
      ['state'],
      () => STATES.map((state) => ({ value: store.state === state ? 1 : 0, labels: [state] })),
    );
    defer(
      health.addCheck('store', () =>
        // A degraded store works; what it lost is told, and taking the daemon out of service would not bring it back.
        ({
          healthy: store.state === 'open' || store.state === 'degraded',
          ...(store.stateReason === undefined ? {} : { reason: store.stateReason }),
        }),
      ),
    );
    return { services: { store } };
  },
});

export { filesWithText, filesWithTexts } from './find-text.js';
export { LevelStore } from './level-store.js';
export type { GroupMeasure, LevelStoreOptions } from './level-store.js';
export { LEVEL_LIMITS } from './limits.js';
export type { LevelLimits } from './limits.js';
export type { Migration, MigrationSource, MigrationStep } from './migrations.js';
export { repair } from './repair.js';
export type { RepairReport } from './repair.js';
export { verifyJournal } from './verify-journal.js';
