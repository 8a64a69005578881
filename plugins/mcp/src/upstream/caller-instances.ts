import type { Log, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Instance } from './instance.js';
import type { UpstreamLimits } from './upstream-limits.js';

interface CallerInstance {
  readonly instance: Instance;
  readonly started: Promise<void>;
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
    private readonly log: Log,
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
    const own = this.#instances.get(caller) ?? this.#start(caller);
    own.idle?.cancel();
    own.users += 1;
    try {
      await own.started;
      await own.instance.settled(startMs);
      return await use(own.instance);
    } finally {
      own.users -= 1;
      if (own.users === 0) own.idle = this.timers.after(this.limits.callerIdleMs, () => this.#dismiss(caller, own));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#instances].map(([caller, own]) => this.#stop(caller, own)));
  }

  #start(caller: string): CallerInstance {
    const { callerInstances } = this.limits;
    if (this.#instances.size >= callerInstances) {
      const idle = [...this.#instances].find(([, { users }]) => users === 0);
      if (idle === undefined) {
        throw new OrchestratorError('limit_exceeded', `${callerInstances} callers use this server now`, {
          limit: 'plugins.mcp.config.limits.callerInstances',
          max: callerInstances,
        });
      }
      this.#dismiss(...idle);
    }
    const instance = this.open(++this.#opened, caller);
    const own: CallerInstance = { instance, started: instance.start(), users: 0, idle: undefined };
    this.#instances.set(caller, own);
    return own;
  }

  #dismiss(caller: string, own: CallerInstance): void {
    this.#stop(caller, own).catch((error: unknown) =>
      this.log.error({ err: error }, 'an instance of an MCP server did not stop'),
    );
  }

  async #stop(caller: string, own: CallerInstance): Promise<void> {
    own.idle?.cancel();
    if (this.#instances.get(caller) === own) this.#instances.delete(caller);
    await own.instance.stop();
  }
}
