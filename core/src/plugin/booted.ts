import type { daemonMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { PluginProblem } from './boot-error.js';
import type { Token } from './token.js';

/** What became of one plugin; the protocol's `PluginStatus`. */
export type PluginStatus = Static<typeof daemonMethods.PluginStatus>;

/** How a stop went. */
export interface StopReport {
  /** Plugins that did not stop as they should; the exit code tells. */
  readonly problems: readonly PluginProblem[];
}

/** The plugins that were started. */
export interface Booted {
  /** Every plugin of the configuration, in the order of the configuration. */
  report(): readonly PluginStatus[];
  /**
   * A service that a plugin provides, or that the daemon gave.
   *
   * @throws Error when nobody provides it now
   */
  service<T>(token: Token<T>): T;
  /** Stops every plugin, last started first, each within its time limit; the next ones stop also when one does not. Never rejects. */
  stop(): Promise<StopReport>;
  /**
   * What is wrong with these configurations, by plugin id; nothing is applied. Empty when a reload would be accepted.
   *
   * @param configs of every plugin of the configuration; one that is missing counts as empty
   */
  validate(configs: ReadonlyMap<string, unknown>): readonly PluginProblem[];
  /**
   * Applies these configurations: plugins whose configuration changed take it while they run, or are restarted, and with them those
   * that need them. All or nothing: when one cannot start with its new configuration, all go back to the old one.
   *
   * @throws BootError naming every plugin that refuses; the earlier generation serves on
   */
  reload(configs: ReadonlyMap<string, unknown>): Promise<{ readonly restarted: readonly string[] }>;
  /**
   * Takes an error that nobody caught. When it is a plugin's, the plugin is restarted, or stopped once that happens too often.
   *
   * @returns the plugin's id; `undefined` when it is not a plugin's error, and the daemon's own state is in doubt
   */
  fault(error: unknown): string | undefined;
  /** The id of the plugin whose file this is, a path or a `file:` URL; `undefined` when it is no plugin's. */
  ownerOf(file: string): string | undefined;
  /** Marks the plugin as degraded, with what it did and what to do about it, until it is restarted. */
  blame(plugin: string, reason: string): void;
}
