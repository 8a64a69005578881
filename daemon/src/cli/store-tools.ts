import type { Clock, Finding, JournalVerdict, Log, Random, Store, VerifyReport } from '@ai-orchestrator/core/plugin';

/** Package of the embedded store. Loaded by name, as the daemon loads its plugins: nothing of it is imported here. */
const STORE_PACKAGE = '@ai-orchestrator/plugin-storage-level';
/** Package of the API keys, likewise. */
const KEYS_PACKAGE = '@ai-orchestrator/plugin-auth-apikey';

/** What a repair brought back, and where the old files are. */
export interface RepairReport {
  readonly entries: number;
  readonly journalRecords: number;
  readonly findings: readonly Finding[];
  readonly original: string;
}

/** What the embedded store offers while no daemon uses its directory. */
export interface StoreTools {
  readonly verifyJournal: (path: string) => Promise<JournalVerdict>;
  readonly repair: (path: string, stamp: string) => Promise<RepairReport>;
  /** Opens the directory as a start does, reads everything, closes it. */
  readonly verifyStore: (path: string) => Promise<VerifyReport>;
  /** Replaces the admin key of a data directory, whose store is at `path`. */
  readonly resetAdminKey: (path: string, dataDirectory: string) => Promise<{ readonly path: string }>;
}

interface StorePackage extends Pick<StoreTools, 'verifyJournal' | 'repair'> {
  readonly LevelStore: {
    open(options: {
      path: string;
      node: string;
      clock: unknown;
      timers: unknown;
      log: Log;
    }): Promise<Store & { close(): Promise<void> }>;
  };
}

interface KeysPackage {
  resetAdminKey(options: {
    store: Store;
    dataDirectory: string;
    clock: Clock;
    random: Random;
  }): Promise<{ readonly path: string }>;
}

/** Loads the tools of the embedded store. */
export async function storeTools(): Promise<StoreTools> {
  const { verifyJournal, repair, LevelStore } = (await import(STORE_PACKAGE)) as StorePackage;
  const withStore = async <T>(path: string, use: (store: Store) => Promise<T>): Promise<T> => {
    const { SystemClock, SystemTimers } = await import('@ai-orchestrator/core');
    const surroundings = { clock: new SystemClock(), timers: new SystemTimers(), log: SILENT };
    const store = await LevelStore.open({ path, node: 'command-line', ...surroundings });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  };
  return {
    verifyJournal,
    repair,
    verifyStore: (path) => withStore(path, (store) => store.verify()),
    resetAdminKey: (path, dataDirectory) =>
      withStore(path, async (store) => {
        const [keys, core] = await Promise.all([
          import(KEYS_PACKAGE) as Promise<KeysPackage>,
          import('@ai-orchestrator/core'),
        ]);
        const clock = new core.SystemClock();
        return keys.resetAdminKey({ store, dataDirectory, clock, random: new core.SystemRandom(clock) });
      }),
  };
}

const nothing = () => undefined;
const SILENT: Log = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => SILENT,
};
