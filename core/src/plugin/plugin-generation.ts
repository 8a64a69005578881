import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from 'typebox';
import type { Counter, Instruments, Labeled } from '../host/instruments.js';
import type { Log } from '../host/log.js';
import type { Clock, Timers } from '../host/time.js';
import type { MethodRegistry } from '../rpc/methods.js';
import { Journal } from '../store/journal.js';
import { BootError, type PluginProblem } from './boot-error.js';
import type { Booted, PluginStatus, StopReport } from './booted.js';
import { checkConfig } from './plugin-config.js';
import { type LifeSurroundings, needsAny } from './plugin-life.js';
import type { PluginSlot } from './plugin-slot.js';
import { needs, requiredTokens } from './start-order.js';
import { pluginOfError, pluginOfFile, pluginRoots } from './trace-to-plugin.js';
import { type Token, tokenName } from './token.js';

/** Bounds of plugin life; all milliseconds but `restarts`. */
export interface PluginLimits {
  readonly startMs: number;
  readonly stopMs: number;
  /** Restarts after errors that nobody caught, within `restartPeriodMs`; one more and the plugin is stopped. */
  readonly restarts: number;
  readonly restartPeriodMs: number;
}

/** Used where the configuration says nothing. */
export const PLUGIN_LIMITS: PluginLimits = { startMs: 30_000, stopMs: 10_000, restarts: 3, restartPeriodMs: 60_000 };

/** What plugins run in. */
export interface PluginSurroundings {
  /** Services that are there without a plugin, by token. */
  readonly services: ReadonlyMap<symbol, unknown>;
  readonly methods: MethodRegistry;
  readonly log: Log;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly instruments: Instruments;
  readonly limits?: Partial<PluginLimits>;
}

/** The running plugins: starts, stops, restarts and reloads them, one such change at a time. */
export class PluginGeneration implements Booted {
  readonly #services: Map<symbol, unknown>;
  readonly #limits: PluginLimits;
  readonly #life: LifeSurroundings;
  readonly #faults: Labeled<Counter>;
  readonly #faultTimes = new Map<PluginSlot, number[]>();
  readonly #restarting = new Set<PluginSlot>();
  readonly #roots;
  #turn: Promise<unknown> = Promise.resolve();
  #stopped: Promise<StopReport> | undefined;

  /**
   * @param listed every plugin of the configuration, as its slot or as the status that it will keep
   * @param order the slots that can start, in the order of start
   */
  constructor(
    private readonly listed: readonly (PluginSlot | PluginStatus)[],
    private readonly order: readonly PluginSlot[],
    private readonly surroundings: PluginSurroundings,
  ) {
    this.#limits = { ...PLUGIN_LIMITS, ...surroundings.limits };
    this.#services = new Map(surroundings.services);
    this.#roots = pluginRoots(order.map(({ id, entry }) => ({ id, root: entry.root })));
    this.#faults = surroundings.instruments.counter(
      'orchestrator_plugin_faults_total',
      'Errors of a plugin that nobody caught.',
      ['plugin'],
    );
    this.#life = {
      ...surroundings,
      stopMs: this.#limits.stopMs,
      append: async (events) => {
        const journal = this.#services.get(Journal) as Journal | undefined;
        const names = events.map(({ action }) => action).join(', ');
        if (journal === undefined)
          throw new OrchestratorError('unavailable', `${names}: no plugin provides the journal now`);
        await journal.append(events);
      },
      service: (token) => this.#services.get(token),
    };
  }

  report(): readonly PluginStatus[] {
    return this.listed.map((entry) => ('status' in entry ? entry.status() : entry));
  }

  service<T>(token: Token<T>): T {
    if (!this.#services.has(token)) throw new Error(`no plugin provides "${tokenName(token)}" now`);
    return this.#services.get(token) as T;
  }

  /** Starts everything; ends early when a required plugin cannot start, and answers why. */
  async start(): Promise<unknown> {
    return this.#startAll(this.order, (slot) => slot.entry.required);
  }

  stop(): Promise<StopReport> {
    this.#stopped ??= this.#inTurn(async () => ({ problems: await this.#stopAll(this.order) }));
    return this.#stopped;
  }

  validate(configs: ReadonlyMap<string, unknown>): readonly PluginProblem[] {
    return this.#plan(configs).problems;
  }

  reload(configs: ReadonlyMap<string, unknown>): Promise<{ readonly restarted: readonly string[] }> {
    return this.#inTurn(async () => {
      const { problems, changes } = this.#plan(configs);
      if (problems.length > 0) throw new BootError(problems);
      const taken = await this.#offer(changes);
      const affected = this.#withDependents([...changes.keys()]);
      const earlier = new Map(affected.map((slot) => [slot, slot.config]));
      await this.#stopAll(affected);
      for (const [slot, config] of changes) slot.config = config;
      const cause = await this.#startAll(affected, () => true);
      if (cause === undefined) return { restarted: affected.map(({ id }) => id) };
      const refused = affected.filter((slot) => !slot.running && slot.status().state === 'failed');
      const reasons = refused.map((slot) => ({
        plugin: slot.id,
        reason: `refuses its new configuration: it ${slot.reason}`,
      }));
      await this.#stopAll(affected);
      for (const [slot, config] of earlier) slot.config = config;
      await this.#startAll(affected, () => false);
      await this.#giveBack(taken);
      throw new BootError(reasons, { cause });
    });
  }

  /** Takes off the list who takes its new configuration while it runs; answers what they had. */
  async #offer(changes: Map<PluginSlot, unknown>): Promise<ReadonlyMap<PluginSlot, unknown>> {
    const taken = new Map<PluginSlot, unknown>();
    for (const [slot, config] of changes) {
      const earlier = slot.config;
      try {
        if (!(await slot.took(config, this.#limits.startMs))) continue;
        taken.set(slot, earlier);
        changes.delete(slot);
      } catch (cause) {
        await this.#giveBack(taken);
        const reason = `refuses its new configuration: ${cause instanceof Error ? cause.message : String(cause)}`;
        throw new BootError([{ plugin: slot.id, reason }], { cause });
      }
    }
    return taken;
  }

  async #giveBack(taken: ReadonlyMap<PluginSlot, unknown>): Promise<void> {
    for (const [slot, config] of taken) {
      try {
        if (await slot.took(config, this.#limits.startMs)) continue;
        slot.degrade('could not go back to its earlier configuration while running: restart the daemon');
      } catch (error) {
        this.surroundings.log.error({ plugin: slot.id, err: error }, 'the earlier configuration was not taken back');
        slot.degrade(`did not take its earlier configuration back (${String(error)}): restart the daemon`);
      }
    }
  }

  ownerOf(file: string): string | undefined {
    return pluginOfFile(file, this.#roots);
  }

  blame(plugin: string, reason: string): void {
    this.order.find(({ id }) => id === plugin)?.degrade(reason);
  }

  fault(error: unknown): string | undefined {
    const plugin = pluginOfError(error, this.#roots);
    const slot = this.order.find(({ id }) => id === plugin);
    if (slot === undefined) return undefined;
    this.#faults.with(slot.id).add();
    this.surroundings.log.error({ plugin: slot.id, err: error }, 'an error of a plugin was caught by nobody');
    // A burst from one life is one failure: its end is on the way.
    if (!this.#restarting.has(slot) && this.#stopped === undefined) this.#answerFault(slot, error);
    return slot.id;
  }

  #answerFault(slot: PluginSlot, error: unknown): void {
    const what = `threw an error that nobody caught: ${error instanceof Error ? error.message : String(error)}`;
    const affected = this.#withDependents([slot]);
    const vital = affected.find((other) => other !== slot && other.entry.required);
    if (vital !== undefined) {
      slot.degrade(`${what}; it runs on, because "${vital.id}" needs it: look at the log, then restart the daemon`);
      return;
    }
    const { restarts, restartPeriodMs } = this.#limits;
    const now = this.surroundings.clock.monotonicMs();
    const times = [...(this.#faultTimes.get(slot) ?? []).filter((at) => now - at < restartPeriodMs), now];
    this.#faultTimes.set(slot, times);
    const tooOften = times.length > restarts;
    this.#restarting.add(slot);
    this.#inTurn(async () => {
      if (this.#stopped !== undefined) return;
      await this.#stopAll(affected);
      this.#restarting.delete(slot);
      if (tooOften) {
        const reason = `was stopped after ${times.length} errors within ${restartPeriodMs} ms; the last one: it ${what}. Fix it, then restart the daemon`;
        slot.refuse('failed', reason);
        this.surroundings.log.error({ plugin: slot.id }, `the plugin ${reason}`);
      }
      await this.#startAll(tooOften ? affected.filter((other) => other !== slot) : affected, () => false);
    }).catch((failure: unknown) => this.surroundings.log.error({ plugin: slot.id, err: failure }, 'restart failed'));
  }

  /** Checks every configuration and finds what would change. */
  #plan(configs: ReadonlyMap<string, unknown>) {
    const problems: PluginProblem[] = [];
    const changes = new Map<PluginSlot, unknown>();
    for (const slot of this.order) {
      const result = checkConfig(slot.entry.plugin.config as TSchema | undefined, configs.get(slot.id));
      if (!result.ok) {
        problems.push({ plugin: slot.id, reason: `cannot use its configuration: ${result.problems.join('; ')}` });
      } else if (!isDeepStrictEqual(result.config, slot.config)) {
        const vital = this.#withDependents([slot]).find((other) => other !== slot && other.entry.required);
        if (vital === undefined) changes.set(slot, result.config);
        else {
          const reason = `cannot change while "${vital.id}" needs it: restart the daemon to apply its configuration`;
          problems.push({ plugin: slot.id, reason });
        }
      }
    }
    return { problems, changes };
  }

  /** These and all that need them, directly or not, in the order of start. */
  #withDependents(slots: readonly PluginSlot[]): readonly PluginSlot[] {
    const affected = new Set(slots);
    const services = new Set(slots.flatMap(({ provides }) => provides));
    for (const slot of this.order) {
      if (!affected.has(slot) && !needsAny(slot.entry.plugin, services)) continue;
      affected.add(slot);
      for (const token of slot.provides) services.add(token);
    }
    return this.order.filter((slot) => affected.has(slot));
  }

  async #startAll(slots: readonly PluginSlot[], endsAll: (slot: PluginSlot) => boolean): Promise<unknown> {
    for (const slot of slots) {
      const { log, clock } = this.surroundings;
      try {
        this.#skipIfStranded(slot);
        const services = await slot.start(this.#life, this.#limits.startMs, clock);
        for (const [token, service] of services) this.#services.set(token, service);
        log.debug({ plugin: slot.id }, 'plugin started');
      } catch (error) {
        log.error({ plugin: slot.id, err: (error as Error).cause ?? error }, `plugin ${slot.reason}`);
        if (endsAll(slot)) return error;
      }
    }
    return undefined;
  }

  #skipIfStranded(slot: PluginSlot): void {
    const lost = requiredTokens(slot.entry.plugin).find((wanted) => !this.#services.has(wanted));
    if (lost === undefined) return;
    const provider = this.order.find(({ provides }) => provides.includes(lost));
    slot.refuse('skipped', needs(lost, provider?.id ?? '?', provider?.reason ?? 'is not there'));
    throw new Error(slot.reason);
  }

  async #stopAll(slots: readonly PluginSlot[]): Promise<readonly PluginProblem[]> {
    const problems: PluginProblem[] = [];
    for (const slot of [...slots].reverse()) {
      for (const token of slot.provides) this.#services.delete(token);
      for (const reason of await slot.stop(this.#limits.stopMs)) {
        problems.push({ plugin: slot.id, reason });
        this.surroundings.log.error({ plugin: slot.id }, `plugin ${reason}`);
      }
    }
    return problems;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
