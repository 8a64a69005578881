import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '../../config/load-configuration.js';
import { devDataDirectory } from '../../data-directory.js';
import type { Context } from '../context.js';
import { readConfiguration, type ConfigurationOptions } from '../configuration.js';

/** The example agents: names of the programs, and ids of the agents that these register. */
export const DEV_AGENTS = ['echo', 'greeter'] as const;

/**
 * The configuration of `dev`: what file, environment and options say, in a data directory of its own unless they name one, with the
 * example agents as programs unless they have programs of these names.
 *
 * @throws CommandFailure `config`
 */
export async function devConfiguration(options: ConfigurationOptions, context: Context): Promise<Configuration> {
  const read = await readConfiguration(options, context);
  const { config, origins } = read;
  const quiet = origins.get('log.level') === 'default';
  const agents = Object.fromEntries(DEV_AGENTS.map((name) => [name, program(name)]));
  return {
    ...read,
    config: {
      ...config,
      dataDir: devDirectory(config, context),
      // The terminal is for what to try; what goes wrong is still told.
      log: { ...config.log, ...(quiet ? { level: 'warn' as const } : {}) },
      programs: { ...agents, ...config.programs },
    },
  };
}

/** The data directory of `dev`. */
export function devDirectory(config: Configuration['config'], context: Context): string {
  return resolve(config.dataDir ?? devDataDirectory(context.environment));
}

function program(name: string): Configuration['config']['programs'][string] {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../dev-agents/${name}.js`, import.meta.url))],
    env: {},
    workingDirectory: undefined,
    roles: ['agent'],
    restart: { intensity: 5, periodMs: 60_000, backoffMs: 500, maxBackoffMs: 30_000 },
    stopTimeoutMs: 5_000,
  };
}
