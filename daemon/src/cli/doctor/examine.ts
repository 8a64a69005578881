import type { Configuration } from '../../config/load-configuration.js';
import { defaultDataDirectory } from '../../data-directory.js';
import { findLocalDaemon, type ConnectionOptions, type LocalDaemon } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { readConfiguration, type ConfigurationOptions } from '../configuration.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { canBeRead, checkAdminKey, checkDataDirectory, checkRunFile, newestWrite } from './data-directory.js';
import { fail, ok, warn, type Finding } from './finding.js';
import { checkClock, checkDisk, checkNode, checkPort } from './machine.js';
import { checkRunning } from './online.js';
import { checkStore, repairStore } from './store.js';

/** What to examine: a configuration's daemon, or the one at a URL. */
export interface ExamineOptions extends ConfigurationOptions, ConnectionOptions {
  /** Whether the store is repaired before it is checked. */
  readonly repair?: boolean;
}

/** Every check, in the order in which they are read: what one needs comes before it. */
export async function* examine(options: ExamineOptions, context: Context): AsyncGenerator<Finding, void, void> {
  yield checkNode(process.versions.node);
  if (options.url !== undefined) {
    yield* await asked(options, context);
    return;
  }
  const { findings, configuration } = await configured(options, context);
  yield* findings;

  const named = configuration?.config.dataDir ?? options.dataDir;
  const running = await findLocalDaemon(named, context.environment);
  const directory = running?.dataDirectory ?? named ?? defaultDataDirectory(context.environment);
  yield await checkDataDirectory(directory);
  if (!(await canBeRead(directory))) {
    yield checkClock(context.now(), undefined);
    if (configuration !== undefined)
      yield await checkPort(configuration.config.http.host, configuration.config.http.port);
    return;
  }
  yield await checkAdminKey(directory);
  yield await checkDisk(directory);
  yield checkClock(context.now(), await newestWrite(directory));
  yield await checkRunFile(directory);
  if (running !== undefined) {
    if (options.repair === true) throw repairOfRunning(running);
    yield* await asked({ ...options, dataDir: running.dataDirectory }, context);
    return;
  }
  if (configuration !== undefined)
    yield await checkPort(configuration.config.http.host, configuration.config.http.port);
  if (options.repair === true) yield* await repairStore(directory, String(context.now()));
  yield* await checkStore(directory);
}

function repairOfRunning({ pid, dataDirectory }: LocalDaemon): CommandFailure {
  const message = `The daemon with pid ${pid} is running on ${dataDirectory}; its store cannot be repaired.`;
  return new CommandFailure('locked', message, 'Stop it first, then run this again.');
}

async function configured(
  options: ConfigurationOptions,
  context: Context,
): Promise<{ readonly findings: readonly Finding[]; readonly configuration?: Configuration }> {
  try {
    const configuration = await readConfiguration(options, context);
    const warnings = configuration.warnings.map((text) => warn('configuration', text, 'Correct or remove it.'));
    return { configuration, findings: [ok('configuration', configuration.file ?? 'no file, defaults'), ...warnings] };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { findings: [fail('configuration', error.message, error.hint ?? 'Correct it.')] };
  }
}

async function asked(options: ConnectionOptions, context: Context): Promise<readonly Finding[]> {
  try {
    return await withDaemon(context, options, checkRunning);
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.exit === 'interrupted') throw error;
    return [fail('connection', error.message, error.hint ?? 'Try again.')];
  }
}
