import { Command, Help, type Option } from 'commander';
import { COMMANDS, type LazyCommand } from './commands.js';
import type { Context } from './context.js';
import { sentence } from './subcommand.js';
import { durationText } from './time-text.js';
import { duration } from './values.js';

/**
 * The command tree with one command loaded, and the rest as names and summaries: loading everything would cost each start what only
 * `completion` needs.
 *
 * @param loaded name of the command to load; `'*'` for all
 */
export async function buildProgram(context: Context, version: string, loaded: string | undefined): Promise<Command> {
  const program: Command = new Command('orchestrator')
    .description('AI Orchestrator: one daemon that AI agents, tools and other orchestrators meet in.')
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'print data as JSON; streams as one JSON document a line')
    .option('--no-color', 'print without colours; so does NO_COLOR=1')
    .helpOption('-h, --help', 'print help')
    .addHelpCommand(new Command('help').argument('[command]').summary('print help').helpGroup('Develop and learn:'))
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: (command) => (command.parent === null ? [] : globalOptions(program)),
      subcommandTerm: (command) => (command.parent === program ? command.name() : termOf(command)),
      optionDescription: (option) => new Help().optionDescription(withReadableDefault(option)),
    })
    // Errors are printed in one place, with their hint and exit code.
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  const whole = () => buildProgram(context, version, '*');
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).summary(entry.summary).description(sentence(entry.summary));
    command.helpGroup(entry.group).helpCommand(false);
    if (loaded === '*' || loaded === entry.name) (await entry.load())(command, context, whole);
  }
  return program.addHelpText(
    'after',
    '\nWithout --url, commands talk to the daemon that runs on this machine.\n' +
      '"orchestrator COMMAND --help" shows options and examples.',
  );
}

/** A default duration is shown as it would be written: `30 s`, not 30000. */
function withReadableDefault(option: Option): Option {
  if (option.parseArg === duration && typeof option.defaultValue === 'number') {
    option.defaultValueDescription = durationText(option.defaultValue);
  }
  return option;
}

/** Options that every command takes. */
function globalOptions(program: Command): Option[] {
  return program.options.filter((option) => option.long !== '--version');
}

/** A command and its arguments, for a list of commands. */
function termOf(command: Command): string {
  const args = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...args].join(' ');
}

/** Which command an argument list is for: its first word that is not an option. */
export function commandOf(argv: readonly string[]): LazyCommand | undefined {
  const words = argv.filter((word) => !word.startsWith('-'));
  const name = words[0] === 'help' ? words[1] : words[0];
  return COMMANDS.find((command) => command.name === name);
}
