import type { Command } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { configurationOptions, readConfiguration, type ConfigurationOptions } from '../configuration.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator config validate` */
export function configValidate(command: Command, context: Context): void {
  examples(configurationOptions(command), [
    { says: 'What the daemon of this machine would start with', line: 'orchestrator config validate' },
    { says: 'A file, before it is put in place', line: 'orchestrator config validate --config orchestrator.yaml' },
  ]).action(async (options: ConfigurationOptions) => {
    const { file, config, origins, ...read } = await readConfiguration(options, context);
    const { pluginProblems } = await import('../../plugin-sources.js');
    const problems = await pluginProblems(config);
    const vital = problems.filter(({ required }) => required).map(told);
    if (vital.length > 0) {
      throw new CommandFailure(
        'config',
        `The daemon would not start with this configuration:\n  ${vital.join('\n  ')}`,
        '"orchestrator config show --origin" shows what is set where.',
      );
    }
    const warnings = [...read.warnings, ...problems.map(told)];
    const set = [...origins.values()].filter((origin) => origin !== 'default').length;
    const { output } = context;
    for (const warning of warnings) output.note(`${output.noteStyle.yellow('warning:')} ${warning}`);
    output.answer({ valid: true, file: file ?? null, warnings }, () => {
      return `${output.style.green('valid')}  ${file ?? 'no file'}, ${set} ${set === 1 ? 'value' : 'values'} set`;
    });
  });
}

function told({ plugin, reason }: { readonly plugin: string; readonly reason: string }): string {
  return `plugin ${plugin} ${reason}`;
}
