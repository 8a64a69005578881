import type { Command } from 'commander';
import { realpathSync } from 'node:fs';
import type { RunOptions } from '../../run-daemon.js';
import { findLocalDaemon } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { configurationOptions, type ConfigurationOptions } from '../configuration.js';
import type { Context } from '../context.js';
import { agentsReady } from '../dev/agents-ready.js';
import { DEV_AGENTS, devConfiguration, devDirectory } from '../dev/dev-configuration.js';
import { readyText, tries } from '../dev/hints.js';
import { launcher } from '../dev/launcher.js';
import { examples } from '../examples.js';
import { runToItsEnd } from '../run-to-its-end.js';

/** `orchestrator dev` */
export function dev(command: Command, context: Context): void {
  examples(configurationOptions(command), [
    { says: 'A daemon with two example agents', line: 'orchestrator dev' },
    { says: 'On any free port, with data of its own', line: 'orchestrator dev --http-port 0 --data-dir ./data' },
  ]).action(async (options: ConfigurationOptions) => {
    await refuseSecond(options, context);
    await runToItsEnd({
      load: () => devConfiguration(options, context),
      env: context.environment,
      dev: true,
      onReady: (daemon) => void announce(daemon, context),
    });
  });
}

/** Says how to use the daemon that runs already, before a second one trips over its lock or its port. */
async function refuseSecond(options: ConfigurationOptions, context: Context): Promise<void> {
  const { config } = await devConfiguration(options, context);
  const running = await findLocalDaemon(devDirectory(config, context), context.environment);
  if (running === undefined) return;
  const lines = (await triesFor(running.dataDirectory, context)).map(({ line }) => `\n  ${line}`);
  throw new CommandFailure(
    'locked',
    `A daemon is running on ${running.dataDirectory} already (pid ${running.pid}, ${running.url}).`,
    `Use it:${lines.join('')}\nor stop it with Ctrl-C in its terminal (kill ${running.pid}), or start another with --data-dir and --http-port 0.`,
  );
}

type Ready = Parameters<NonNullable<RunOptions['onReady']>>[0];

async function announce({ url, dataDirectory }: Ready, context: Context): Promise<void> {
  const { output } = context;
  try {
    await agentsReady(dataDirectory, context);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.exit !== 'interrupted') output.failure(error);
    return;
  }
  const ready = {
    url,
    dataDirectory,
    pid: process.pid,
    agents: DEV_AGENTS,
    try: await triesFor(dataDirectory, context),
  };
  output.answer(ready, () => readyText(ready, output.style));
}

/** Commands that reach the daemon of a data directory, with the option that leads there where it would not be found without. */
async function triesFor(dataDirectory: string, context: Context) {
  const { environment } = context;
  const program = launcher(realpathSync(process.argv[1] ?? ''), process.cwd(), environment.PATH ?? '');
  // Another terminal does not have what this one was given.
  const found = await findLocalDaemon(undefined, { ...environment, ORCHESTRATOR_DATA_DIR: undefined });
  return tries(program, found?.dataDirectory === dataDirectory ? '' : ` --data-dir ${dataDirectory}`);
}
