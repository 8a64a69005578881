import { CommanderError, type Command } from 'commander';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandFailure } from './command-failure.js';
import type { Context } from './context.js';
import { buildProgram, commandOf } from './program.js';

/**
 * Runs one command line; errors are printed, never thrown.
 *
 * @param argv without the interpreter and the script
 * @returns the exit code
 */
export async function runCommandLine(argv: readonly string[], context: Context, version: string): Promise<number> {
  const program = await buildProgram(context, version, commandOf(argv)?.name);
  if (argv.length === 0) {
    program.outputHelp();
    return EXIT_CODES.ok.code;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT_CODES.ok.code;
  } catch (error) {
    // --help and --version, which have printed what was asked.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok.code;
    const failure = asFailure(error, innermostCommand(program, argv));
    context.output.failure(failure);
    return EXIT_CODES[failure.exit].code;
  }
}

function asFailure(error: unknown, command: Command): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof CommanderError) return usageFailure(error, command);
  const text = error instanceof Error ? error.message : String(error);
  return new CommandFailure('failure', text, undefined, undefined, { cause: error });
}

function usageFailure(error: CommanderError, command: Command): CommandFailure {
  const path = commandPath(command);
  // A group of commands that was called without one of them.
  if (error.code === 'commander.help') {
    const names = command.commands.map((child) => child.name()).join(', ');
    return new CommandFailure('usage', `"${path}" needs a command: ${names}.`, `"${path} --help" says what each does.`);
  }
  const [message = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n');
  const nearest = suggestions.map((line) => `${line.replace(/^\(|\)$/g, '')} `).join('');
  return new CommandFailure('usage', message, `${nearest}"${path} --help" shows what it takes.`);
}

/** The command that an argument list names, as far as its words are names of commands. */
function innermostCommand(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child !== undefined) command = child;
  }
  return command;
}

function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}
