import type { Command } from 'commander';
import { configurationOptions, readConfiguration, type ConfigurationOptions } from '../configuration.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { runToItsEnd } from '../run-to-its-end.js';

/** `orchestrator start` */
export function start(command: Command, context: Context): void {
  examples(configurationOptions(command), [
    { says: 'With a configuration', line: 'orchestrator start --config /etc/ai-orchestrator/config.yaml' },
    { says: 'On any free port; its address is printed', line: 'orchestrator start --http-port 0' },
  ]).action(async (options: ConfigurationOptions) => {
    await runToItsEnd({
      load: () => readConfiguration(options, context),
      env: context.environment,
      dev: false,
      onReady({ url, dataDirectory }) {
        context.output.answer(
          { url, dataDirectory, pid: process.pid },
          () => `Ready: ${url}, data in ${dataDirectory}`,
        );
      },
    });
  });
}
