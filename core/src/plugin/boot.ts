import { BootError, type PluginProblem } from './boot-error.js';
import type { Booted, PluginStatus } from './booted.js';
import { checkEntries, idOf } from './check-entries.js';
import { isLoaded, type PluginEntry } from './entry.js';
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
  const { accepted, refused: refusedEntries } = checkEntries(options.plugins);
  const slots = accepted.map(({ entry, config }) => new PluginSlot(entry, config));
  const statuses = new Map<string, PluginStatus>(
    refusedEntries.map(({ id, entry, reason }) => {
      const contract = isLoaded(entry) ? entry.plugin.contract : 'unknown';
      return [id, { id, state: 'failed', required: entry.required, contract, reason }];
    }),
  );
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

function refuseIfRequired(report: readonly PluginStatus[], options: BootOptions, cause?: unknown): void {
  const failed = report.filter(({ required, state }) => required && (state === 'failed' || state === 'skipped'));
  if (failed.length === 0) return;
  const problems: PluginProblem[] = failed.map(({ id, reason }) => ({ plugin: id, reason: reason ?? 'did not start' }));
  for (const problem of problems) options.log.error(problem, 'a required plugin cannot start');
  throw new BootError(problems, { cause });
}

function unreachable(entry: PluginEntry): never {
  throw new Error(`plugin "${idOf(entry)}" has neither a slot nor a status`);
}
