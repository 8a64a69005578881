import type { Clock } from '../host/time.js';
import type { PluginStatus } from './booted.js';
import type { LoadedPlugin } from './entry.js';
import { type LifeSurroundings, PluginLife } from './plugin-life.js';
import { providedTokens } from './start-order.js';

/** A plugin's place in the daemon: its configuration, its present life and what became of it. */
export class PluginSlot {
  readonly id: string;
  readonly provides: readonly symbol[];
  #life: PluginLife | undefined;
  #state: PluginStatus['state'] = 'stopped';
  #reason: string | undefined;
  #startMs: number | undefined;

  constructor(
    readonly entry: LoadedPlugin,
    public config: unknown,
  ) {
    this.id = entry.plugin.id;
    this.provides = providedTokens(entry.plugin);
  }

  get running(): boolean {
    return this.#life !== undefined;
  }

  /** Why it does not run, for the chain of those that need it. */
  get reason(): string {
    return this.#reason ?? 'is not running';
  }

  /**
   * Starts it and answers its services; a failure becomes its status.
   *
   * @throws Error as PluginLife.start does
   */
  async start(surroundings: LifeSurroundings, limitMs: number, clock: Clock): Promise<ReadonlyMap<symbol, unknown>> {
    const began = clock.monotonicMs();
    try {
      const { life, services } = await PluginLife.start(this.entry.plugin, this.config, surroundings, limitMs);
      this.#life = life;
      this.#state = 'started';
      this.#reason = undefined;
      this.#startMs = Math.round(clock.monotonicMs() - began);
      return services;
    } catch (error) {
      this.refuse('failed', (error as Error).message);
      throw error;
    }
  }

  /** Whether it took another configuration while it runs; otherwise it has to be restarted. @throws Error when it refuses it */
  async took(config: unknown, limitMs: number): Promise<boolean> {
    if (this.#life === undefined || !(await this.#life.offer(config, limitMs))) return false;
    this.config = config;
    return true;
  }

  /** Stops it and answers what went wrong. */
  async stop(limitMs: number): Promise<readonly string[]> {
    const life = this.#life;
    if (life === undefined) return [];
    this.#life = undefined;
    const problems = await life.stop(limitMs);
    this.#state = 'stopped';
    this.#reason = problems.length === 0 ? undefined : problems.join('; ');
    return problems;
  }

  /** It does not run, and this is why. */
  refuse(state: 'failed' | 'skipped', reason: string): void {
    this.#state = state;
    this.#reason = reason;
  }

  /** It runs, but not as it should. */
  degrade(reason: string): void {
    if (!this.running) return;
    this.#state = 'degraded';
    this.#reason = reason;
  }

  status(): PluginStatus {
    return {
      id: this.id,
      state: this.#state,
      required: this.entry.required,
      contract: this.entry.plugin.contract,
      ...(this.#startMs === undefined ? {} : { startMs: this.#startMs }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }
}
