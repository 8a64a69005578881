import type { Command } from 'commander';

/** One example of a command: what it does, and the line to type. */
export interface Example {
  readonly says: string;
  readonly line: string;
}

/** Adds examples to a command's help. */
export function examples(command: Command, list: readonly Example[]): Command {
  const lines = list.flatMap(({ says, line }) => [`  # ${says}`, `  ${line}`]);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
