import type { AnyPlugin } from './plugin.js';

/** A plugin as the configuration names it, loaded. */
export interface LoadedPlugin {
  readonly plugin: AnyPlugin;
  /** What the configuration says for it, unchecked. */
  readonly config?: unknown;
  /** Whether the daemon is of no use without it. */
  readonly required: boolean;
  /** Directory of its files, by which errors and lag are traced to it; none for the daemon's own parts. */
  readonly root?: string;
}

/** A plugin that the configuration names and that could not be loaded. */
export interface UnloadablePlugin {
  /** Its name in the configuration. */
  readonly id: string;
  readonly required: boolean;
  /** Goes on after the plugin's name; says what to do. */
  readonly unloadable: string;
  readonly cause?: unknown;
}

/** One plugin of the configuration, loaded or not. */
export type PluginEntry = LoadedPlugin | UnloadablePlugin;

/** Whether it could be loaded. */
export function isLoaded(entry: PluginEntry): entry is LoadedPlugin {
  return 'plugin' in entry;
}
