import type { Command } from 'commander';

/** One word that can come next, and what it is. */
export interface Word {
  readonly text: string;
  readonly about: string;
}

/** What can follow a command. */
export interface Place {
  /** Words of the command, without the program: `agents list`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly Word[];
  /** Words that can follow an option. */
  readonly values: readonly { readonly option: string; readonly words: readonly string[] }[];
}

/**
 * Every place of a command tree.
 *
 * @param methods names that can follow `call`
 */
export function places(program: Command, methods: readonly string[]): readonly Place[] {
  return visit(program, '');

  function visit(command: Command, path: string): Place[] {
    const children = command.commands.map((child) => ({ text: child.name(), about: child.summary() }));
    const called = path === 'call' ? methods.map((method) => ({ text: method, about: 'method' })) : [];
    const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
    const options = [...program.options, ...(command === program ? [] : command.options)];
    const place: Place = {
      path,
      words: [...children, ...called, ...choices.map((choice) => ({ text: choice, about: '' }))],
      options: options
        .map((option) => ({ text: option.long ?? option.flags, about: option.description }))
        .concat({ text: '--help', about: 'print help' }),
      values: options.flatMap((option) =>
        option.argChoices === undefined ? [] : [{ option: option.long ?? option.flags, words: option.argChoices }],
      ),
    };
    const below = command.commands.flatMap((child) =>
      visit(child, path === '' ? child.name() : `${path} ${child.name()}`),
    );
    return [place, ...below];
  }
}
