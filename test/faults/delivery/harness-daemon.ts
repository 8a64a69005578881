import { startTestDaemon, type LogLine, type TestDaemon } from '../../support/daemon.js';
import type { PowerCutDisk } from '../support/disks.js';

/** Short enough for everything to happen within minutes. */
const CONFIG = {
  limits: {
    messages: { visibilityMs: 3_000, attempts: 5, backoffMs: 50, backoffMaxMs: 1_000, sweepMs: 200 },
    tasks: {
      runningMs: 4_000,
      graceMs: 500,
      leaseMs: 3_000,
      maxAttempts: 5,
      backoffMs: 50,
      backoffMaxMs: 1_000,
      sweepMs: 100,
    },
    agents: { registerBurst: 1_000_000 },
    effects: { keysPerPrincipal: 10_000_000 },
    rpc: { pingIntervalMs: 2_000 },
  },
};
/** A start may take this long where an hour's log is read on a machine that is busy with other things. */
const START_MS = 120_000;
/** What the model has to know of it; messages and tasks have the same. */
export const LIMITS = { maxAttempts: CONFIG.limits.tasks.maxAttempts, backoffMaxMs: CONFIG.limits.tasks.backoffMaxMs };

/** The real daemon, which can be ended in every way, and comes back with what is on its disk. */
export class HarnessDaemon {
  /** Ends that nobody asked for. */
  readonly crashes: string[] = [];
  /** Lines of its logs that tell of errors. */
  readonly errors: string[] = [];
  starts = 0;
  #daemon: TestDaemon | undefined;
  #expected = false;

  constructor(
    private readonly dataDir: string,
    private readonly moved: (url: string) => void,
  ) {}

  get now(): TestDaemon {
    if (this.#daemon === undefined) throw new Error('the daemon was not started');
    return this.#daemon;
  }

  async start(): Promise<void> {
    const daemon = await startTestDaemon({ config: CONFIG, dataDir: this.dataDir, startMs: START_MS });
    this.#daemon = daemon;
    this.#expected = false;
    this.starts += 1;
    this.moved(daemon.url);
    void daemon.ended.then(({ code, signal }) => {
      for (const line of daemon.logs()) if (isError(line)) this.errors.push(JSON.stringify(line));
      if (!this.#expected) this.crashes.push(`code ${String(code)}, signal ${String(signal)}`);
    });
  }

  freeze(): void {
    this.now.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.now.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#expected = true;
    await this.now.kill('keep');
  }

  /** The power of the disk goes, and the process with it. */
  async powerCut(disk: PowerCutDisk): Promise<void> {
    this.#expected = true;
    await disk.cut();
    await this.now.kill('keep');
    await disk.remount();
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.#expected = true;
    const code = await this.now.stop();
    if (code !== 0) this.crashes.push(`exit code ${String(code)} after SIGTERM`);
  }

  /** Begins a start and kills it in the middle. */
  async startInVain(afterMs: number): Promise<void> {
    const daemon = await startTestDaemon({ config: CONFIG, dataDir: this.dataDir, starting: true });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await daemon.kill('keep');
  }
}

/** Dead letters are alarms, and what the harness brings about. */
function isError({ level, message }: LogLine): boolean {
  return (level === 'error' || level === 'fatal') && message?.includes('dead letter') !== true;
}
