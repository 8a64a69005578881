import type { Command } from 'commander';
import type { Configuration } from '../config/load-configuration.js';
import { CommandFailure } from './command-failure.js';
import type { Context } from './context.js';

/** Options of every command that reads the daemon's configuration. */
export interface ConfigurationOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly httpPort?: string;
  readonly logLevel?: string;
}

/** Adds the options that a configuration is made from; they are {@link ConfigurationOptions}. */
export function configurationOptions(command: Command): Command {
  return command
    .optionsGroup('Configuration:')
    .option('--config <file>', 'configuration file, YAML or JSON; else ORCHESTRATOR_CONFIG')
    .option('--data-dir <directory>', 'directory of everything durable; else ORCHESTRATOR_DATA_DIR')
    .option('--http-port <port>', 'port of HTTP and WebSocket, 0 for any free one; else ORCHESTRATOR_HTTP_PORT')
    .option('--log-level <level>', 'least severe lines of the log; else ORCHESTRATOR_LOG_LEVEL')
    .optionsGroup('Options:');
}

/**
 * The configuration that options, environment and file make.
 *
 * @throws CommandFailure `config` with a line for everything that is wrong
 */
export async function readConfiguration(options: ConfigurationOptions, context: Context): Promise<Configuration> {
  const { loadConfiguration } = await import('../config/load-configuration.js');
  const { ConfigurationError } = await import('../config/configuration-error.js');
  const flags = Object.fromEntries(
    [
      ['dataDir', options.dataDir],
      ['http.port', options.httpPort],
      ['log.level', options.logLevel],
    ].filter((flag): flag is [string, string] => flag[1] !== undefined),
  );
  const file = options.config === undefined ? {} : { file: options.config };
  try {
    return await loadConfiguration({ ...file, env: context.environment, flags });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = error.message.split('\n');
    throw new CommandFailure(
      'config',
      lines.length === 1
        ? `The configuration is not valid: ${error.message}`
        : `The configuration is not valid:\n  ${lines.join('\n  ')}`,
      '"orchestrator config schema" has every key; "orchestrator config show --origin" shows what is set where.',
      { issues: error.issues },
      { cause: error },
    );
  }
}
