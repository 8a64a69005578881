import { OrchestratorError } from '@ai-orchestrator/protocol';
import { serverSettings, type ServerConfig, type StopTimes } from '../upstream/server-config.js';
import { commandPath } from './command-path.js';
import type { GivenConfig } from './given-config.js';
import { secretsInClear } from './secrets-in-clear.js';

/** A configuration that can be used, or why it cannot, each with what to do. */
export type CheckedConfig =
  | { readonly config: ServerConfig; readonly reasons?: undefined }
  | { readonly config?: undefined; readonly reasons: readonly string[] };

/** What a configuration is checked against. */
export interface CheckedAgainst {
  /** Where a command without a path is looked for. */
  readonly searchPath: string;
  readonly times: StopTimes;
}

/**
 * Checks a configuration that came by a method: what it runs is there and is named by its absolute path, and it holds no secret.
 */
export async function checkedConfig(
  name: string,
  given: GivenConfig,
  { searchPath, times }: CheckedAgainst,
): Promise<CheckedConfig> {
  const reasons = [...secretsInClear(given)];
  const path = given.command === undefined ? undefined : await commandPath(given.command, searchPath);
  if (given.command !== undefined && path === undefined) reasons.push(missing(given.command, searchPath));
  const config = { ...given, ...(path !== undefined && { command: path }) } as ServerConfig;
  try {
    serverSettings(name, config, times);
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    // Said above already, with better advice.
    if (reasons.length === 0) reasons.push(error.message);
  }
  return reasons.length === 0 ? { config } : { reasons };
}

function missing(command: string, searchPath: string): string {
  if (command.startsWith('/')) return `${command} is no file that the daemon can run: install it, or name another`;
  if (command.includes('/'))
    return `"${command}" is relative to a directory that only the client knows: write an absolute path`;
  return `"${command}" is in no directory of the daemon's PATH (${searchPath}): install it, or write its absolute path`;
}
