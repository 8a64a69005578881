import type { TSchema } from 'typebox';
import { contractRefusal } from './contract.js';
import { isLoaded, type LoadedPlugin, type PluginEntry } from './entry.js';
import { checkConfig } from './plugin-config.js';

/** What can be told of plugins before any of their code runs. */
export interface CheckedEntries {
  /** May be asked to start, with their configurations complete. */
  readonly accepted: readonly { readonly entry: LoadedPlugin; readonly config: unknown }[];
  /** Cannot start; the reason goes on after the plugin's name. */
  readonly refused: readonly { readonly id: string; readonly entry: PluginEntry; readonly reason: string }[];
}

/** Looks whether plugins were loaded, are there once, are for this contract and have configurations that they can use. */
export function checkEntries(entries: readonly PluginEntry[]): CheckedEntries {
  const accepted: CheckedEntries['accepted'][number][] = [];
  const refused: CheckedEntries['refused'][number][] = [];
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(idOf(entry), (counts.get(idOf(entry)) ?? 0) + 1);
  for (const entry of entries) {
    const id = idOf(entry);
    const refuse = (reason: string): void => void refused.push({ id, entry, reason });
    if ((counts.get(id) ?? 0) > 1) refuse('is there more than once: plugin ids are unique, remove one');
    else if (!isLoaded(entry)) refuse(entry.unloadable);
    else {
      const refusal = contractRefusal(entry.plugin.contract);
      const result = refusal ?? checkConfig(entry.plugin.config as TSchema | undefined, entry.config);
      if (typeof result === 'string') refuse(result);
      else if (!result.ok) refuse(`cannot use its configuration: ${result.problems.join('; ')}`);
      else accepted.push({ entry, config: result.config });
    }
  }
  return { accepted, refused };
}

/** A plugin's id, or the name that it has in the configuration when it could not be loaded. */
export function idOf(entry: PluginEntry): string {
  return isLoaded(entry) ? entry.plugin.id : entry.id;
}
