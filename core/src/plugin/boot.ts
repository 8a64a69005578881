import type { TSchema } from 'typebox';
import { BootError, type PluginProblem } from './boot-error.js';
import type { Booted, PluginStatus } from './booted.js';
import { contractRefusal } from './contract.js';
import { isLoaded, type LoadedPlugin, type PluginEntry } from './entry.js';
import { checkConfig } from './plugin-config.js';
import { PluginGeneration, type PluginSurroundings } from './plugin-generation.js';
import { PluginSlot } from './plugin-slot.js';
import { startOrder } from './start-order.js';

/** What a boot is made of. */
export interface BootOptions extends PluginSurroundings {
  readonly plugins: readonly PluginEntry[];
}

/**
 * Starts plugins in the order that their services ask for. Contracts, configurations and the order are checked before any of their
 * code runs. An optional plugin that cannot start is a status with its reason; those that need it are skipped.
 *
 * @throws BootError naming every required plugin that cannot start and why; whatever had started was stopped again
 */
export async function boot(options: BootOptions): Promise<Booted> {
  const statuses = new Map<string, PluginStatus>();
  const slots = checked(options.plugins, statuses);
  const { order, refused } = startOrder(
    slots.map((slot) => ({ slot, plugin: slot.entry.plugin, required: slot.entry.required })),
    new Set(options.services.keys()),
  );
  for (const { entry, state, reason } of refused) entry.slot.refuse(state, reason);
  const generation = new PluginGeneration(
    options.plugins.map(
      (entry) => statuses.get(idOf(entry)) ?? slots.find(({ id }) => id === idOf(entry)) ?? unreachable(entry),
    ),
    order.map(({ slot }) => slot),
    options,
  );
  refuseIfRequired(generation.report(), options);
  const cause = await generation.start();
  try {
    refuseIfRequired(generation.report(), options, cause);
  } catch (error) {
    await generation.stop();
    throw error;
  }
  return generation;
}

/** A slot for each plugin that can be asked to start; a status for each that cannot. */
function checked(entries: readonly PluginEntry[], statuses: Map<string, PluginStatus>): readonly PluginSlot[] {
  const slots: PluginSlot[] = [];
  const refuse = (entry: PluginEntry, reason: string): void => {
    const contract = isLoaded(entry) ? entry.plugin.contract : 'unknown';
    statuses.set(idOf(entry), { id: idOf(entry), state: 'failed', required: entry.required, contract, reason });
  };
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(idOf(entry), (counts.get(idOf(entry)) ?? 0) + 1);
  for (const entry of entries) {
    if ((counts.get(idOf(entry)) ?? 0) > 1) refuse(entry, 'is there more than once: plugin ids are unique, remove one');
    else if (!isLoaded(entry)) refuse(entry, entry.unloadable);
    else check(entry, slots, (reason) => refuse(entry, reason));
  }
  return slots;
}

function check(entry: LoadedPlugin, slots: PluginSlot[], refuse: (reason: string) => void): void {
  const refusal = contractRefusal(entry.plugin.contract);
  if (refusal !== undefined) {
    refuse(refusal);
    return;
  }
  const result = checkConfig(entry.plugin.config as TSchema | undefined, entry.config);
  if (!result.ok) {
    refuse(`cannot use its configuration: ${result.problems.join('; ')}`);
    return;
  }
  slots.push(new PluginSlot(entry, result.config));
}

function refuseIfRequired(report: readonly PluginStatus[], options: BootOptions, cause?: unknown): void {
  const failed = report.filter(({ required, state }) => required && (state === 'failed' || state === 'skipped'));
  if (failed.length === 0) return;
  const problems: PluginProblem[] = failed.map(({ id, reason }) => ({ plugin: id, reason: reason ?? 'did not start' }));
  for (const problem of problems) options.log.error(problem, 'a required plugin cannot start');
  throw new BootError(problems, { cause });
}

function idOf(entry: PluginEntry): string {
  return isLoaded(entry) ? entry.plugin.id : entry.id;
}

function unreachable(entry: PluginEntry): never {
  throw new Error(`plugin "${idOf(entry)}" has neither a slot nor a status`);
}
