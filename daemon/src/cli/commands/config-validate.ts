import type { Command } from 'commander';
import { configurationOptions, readConfiguration, type ConfigurationOptions } from '../configuration.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator config validate` */
export function configValidate(command: Command, context: Context): void {
  examples(configurationOptions(command), [
    { says: 'What the daemon of this machine would start with', line: 'orchestrator config validate' },
    { says: 'A file, before it is put in place', line: 'orchestrator config validate --config orchestrator.yaml' },
  ]).action(async (options: ConfigurationOptions) => {
    const { file, warnings, origins } = await readConfiguration(options, context);
    const set = [...origins.values()].filter((origin) => origin !== 'default').length;
    const { output } = context;
    for (const warning of warnings) output.note(`${output.noteStyle.yellow('warning:')} ${warning}`);
    output.answer({ valid: true, file: file ?? null, warnings }, () => {
      return `${output.style.green('valid')}  ${file ?? 'no file'}, ${set} ${set === 1 ? 'value' : 'values'} set`;
    });
  });
}
