import {
  checkEntries,
  loadPlugins,
  type LoadOptions,
  type PluginProblem,
  type PluginSource,
} from '@ai-orchestrator/core';
import type { Config } from './config/schema.js';

/** Which plugins the configuration names, and where they come from. */
export function pluginSources(config: Config): LoadOptions {
  const sources: PluginSource[] = [];
  const configs = new Map<string, unknown>();
  for (const [id, plugin] of Object.entries(config.plugins)) {
    if (!plugin.enabled) continue;
    const name = plugin.package ?? `@ai-orchestrator/plugin-${id}`;
    if (plugin.path === undefined && plugin.package === undefined && !installed(name)) {
      // Only options for a plugin that is found in one of the roots, by its id.
      if (config.pluginRoots.length > 0) configs.set(id, plugin.config);
      else sources.push({ name: id, from: { package: name }, config: plugin.config, required: plugin.required });
      continue;
    }
    const from = plugin.path === undefined ? { package: name } : { path: plugin.path };
    sources.push({ name: id, from, config: plugin.config, required: plugin.required });
  }
  return { sources, configs, roots: config.pluginRoots, resolve: (name) => import.meta.resolve(name) };
}

/** The options of each plugin, as a reload compares them. */
export function pluginConfigs(config: Config): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(config.plugins)
      .filter(([, { enabled }]) => enabled)
      .map(([id, plugin]) => [id, plugin.config]),
  );
}

/** What keeps plugins of a configuration from starting, as far as it can be told without running any; it loads their code. */
export async function pluginProblems(
  config: Config,
): Promise<readonly (PluginProblem & { readonly required: boolean })[]> {
  const { refused } = checkEntries(await loadPlugins(pluginSources(config)));
  return refused.map(({ id: plugin, entry: { required }, reason }) => ({ plugin, required, reason }));
}

function installed(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    // Not among our packages; the caller decides what that means.
    return false;
  }
}
