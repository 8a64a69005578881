import type { Methods, ParamsOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import { CommandFailure } from './command-failure.js';
import { defined } from './defined.js';
import { labels } from './values.js';

/** Who something goes to. */
export type Recipient = ParamsOf<Methods['message.request']>['to'];

/** The options that choose among agents. */
export interface RecipientOptions {
  readonly skill?: string;
  readonly skillVersion?: string;
  readonly label?: Readonly<Record<string, string>>;
}

/** Adds the options that choose among agents; they are {@link RecipientOptions}. */
export function recipientOptions(command: Command): Command {
  return command
    .option('--skill <skill>', 'whichever agent has this skill, the least busy first')
    .option('--skill-version <range>', 'and has it in this version, as npm writes ranges: ^1.2.0')
    .option('--label <name=value>', 'and carries this label; can be repeated', labels);
}

/**
 * Who something goes to, and what: `<agent> <what>`, or `--skill <skill> <what>`.
 *
 * @param command how the command is called, for its example
 * @param what the second argument, as the help calls it
 * @throws CommandFailure `usage`
 */
export function recipientAnd(
  first: string | undefined,
  second: string | undefined,
  options: RecipientOptions,
  command: string,
  what: string,
): { readonly to: Recipient; readonly text: string } {
  if (options.skill === undefined) {
    if (first === undefined || second === undefined) {
      throw new CommandFailure(
        'usage',
        `"${command}" needs an agent and ${article(what)}, or --skill and ${article(what)}.`,
        `For example: orchestrator ${command} echo '{"hello": "world"}'`,
      );
    }
    return { to: recipient(first, options), text: second };
  }
  if (second !== undefined) return { to: recipient(first, options), text: second };
  if (first === undefined) {
    throw new CommandFailure(
      'usage',
      `The ${what} is missing.`,
      `For example: orchestrator ${command} --skill ${options.skill} '{"hello": "world"}'`,
    );
  }
  return { to: recipient(undefined, options), text: first };
}

/** An agent, or whoever has a skill. @throws CommandFailure `usage` */
export function recipient(
  agent: string | undefined,
  { skill, skillVersion: version, label }: RecipientOptions,
): Recipient {
  if (skill === undefined) {
    if (agent === undefined) throw new CommandFailure('usage', 'An agent or --skill is missing.', 'Name one of them.');
    if (version === undefined && label === undefined) return { agent };
    throw new CommandFailure('usage', '--skill-version and --label choose among agents with a skill.', 'Add --skill.');
  }
  if (agent === undefined) return { skill, ...defined({ version, labels: label }) };
  throw new CommandFailure(
    'usage',
    `Both an agent (${agent}) and --skill ${skill} are named.`,
    'Leave one of them out.',
  );
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
