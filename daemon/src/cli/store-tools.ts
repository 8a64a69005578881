import type { Finding, JournalVerdict, Log, Store, VerifyReport } from '@ai-orchestrator/core/plugin';

/** Package of the embedded store. Loaded by name, as the daemon loads its plugins: nothing of it is imported here. */
const STORE_PACKAGE = '@ai-orchestrator/plugin-storage-level';

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

/** Loads the tools of the embedded store. */
export async function storeTools(): Promise<StoreTools> {
  const { verifyJournal, repair, LevelStore } = (await import(STORE_PACKAGE)) as StorePackage;
  return {
    verifyJournal,
    repair,
    async verifyStore(path) {
      const { SystemClock, SystemTimers } = await import('@ai-orchestrator/core');
      const store = await LevelStore.open({
        path,
        node: 'doctor',
        clock: new SystemClock(),
        timers: new SystemTimers(),
        log: SILENT,
      });
      try {
        return await store.verify();
      } finally {
        await store.close();
      }
    },
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
