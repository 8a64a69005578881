import type { Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Instance } from './instance.js';
import type { UpstreamLimits } from './upstream-limits.js';

interface CallerInstance {
  readonly instance: Instance;
  /** Requests that use it now. */
  users: number;
  idle: Timer | undefined;
}

/** Instances of one server, each for one caller: bounded, and stopped when nothing used them for a while. */
export class CallerInstances {
  readonly #instances = new Map<string, CallerInstance>();
  #opened = 0;

  constructor(
    private readonly open: (number: number, caller: string) => Instance,
    private readonly limits: UpstreamLimits,
    private readonly timers: Timers,
  ) {}

  get size(): number {
    return this.#instances.size;
  }

  /**
   * Uses the caller's own instance, which is started when it has none.
   *
   * @throws OrchestratorError `limit_exceeded` all are in use; what `use` throws
   */
  async with<T>(caller: string, startMs: number, use: (instance: Instance) => Promise<T>): Promise<T> {
    const own = this.#instances.get(caller) ?? (await this.#start(caller));
    own.idle?.cancel();
    own.users += 1;
    try {
      await own.instance.settled(startMs);
      return await use(own.instance);
    } finally {
      own.users -= 1;
      if (own.users === 0) own.idle = this.timers.after(this.limits.callerIdleMs, () => void this.#stop(caller, own));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#instances].map(([caller, own]) => this.#stop(caller, own)));
  }

  async #start(caller: string): Promise<CallerInstance> {
    const { callerInstances } = this.limits;
    if (this.#instances.size >= callerInstances) {
      const idle = [...this.#instances].find(([, { users }]) => users === 0);
      if (idle === undefined) {
        throw new OrchestratorError('limit_exceeded', `${callerInstances} callers use this server now`, {
          limit: 'plugins.mcp.config.limits.callerInstances',
          max: callerInstances,
        });
      }
      void this.#stop(...idle);
    }
    const own: CallerInstance = { instance: this.open(++this.#opened, caller), users: 0, idle: undefined };
    this.#instances.set(caller, own);
    await own.instance.start();
    return own;
  }

  async #stop(caller: string, own: CallerInstance): Promise<void> {
    own.idle?.cancel();
    if (this.#instances.get(caller) === own) this.#instances.delete(caller);
    await own.instance.stop();
  }
}
