import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { jsonInput } from '../json-input.js';
import { durationText } from '../time-text.js';
import { duration, labels } from '../values.js';

interface RequestOptions extends ConnectionOptions {
  readonly skill?: string;
  readonly skillVersion?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly text?: boolean;
  readonly stream?: boolean;
  readonly timeout: number;
}

/** `orchestrator request` */
export function request(command: Command, context: Context): void {
  command
    .usage('<agent> <payload> [options]\n       orchestrator request --skill <skill> <payload> [options]')
    .argument('[agent]', 'id of the agent; left out with --skill')
    .argument('[payload]', 'what to ask, as JSON; "-" reads it from stdin')
    .option('--skill <skill>', 'ask whichever agent has this skill, the least busy first')
    .option('--skill-version <range>', 'and has it in this version, as npm writes ranges: ^1.2.0')
    .option('--label <name=value>', 'and carries this label; can be repeated', labels)
    .option('--text', 'the payload is text, not JSON')
    .option('--stream', 'print the parts of the answer as they come')
    .option('--timeout <duration>', 'how long to wait for the answer', duration, 30_000);
  examples(connectionOptions(command), [
    { says: 'Ask an agent by its id', line: `orchestrator request echo '{"hello": "world"}'` },
    { says: 'Ask whoever has a skill', line: `orchestrator request --skill greet '{"name": "Ada"}'` },
    {
      says: 'Print parts as they come, one JSON document a line',
      line: `orchestrator request --skill echo --stream --json '"hello"'`,
    },
  ]).action(async (first: string | undefined, second: string | undefined, options: RequestOptions) => {
    const { to, payloadText } = recipient(first, second, options);
    const payload =
      options.text === true ? await textInput(payloadText, context) : await jsonInput(payloadText, 'PAYLOAD', context);
    const { output } = context;
    const started = context.now();
    const answer = await withDaemon(context, options, (daemon) =>
      daemon.request(
        { to, payload, timeoutMs: options.timeout },
        options.stream === true ? (part) => output.entry({ partial: part }, () => output.jsonText(part)) : undefined,
      ),
    );
    const took = durationText(context.now() - started);
    if (options.stream === true) output.entry(answer, () => output.jsonText(answer.payload));
    else output.answer(answer, () => output.jsonText(answer.payload));
    if (!output.json) output.note(output.noteStyle.dim(`answered by ${answer.agent} in ${took}`));
  });
}

function recipient(first: string | undefined, second: string | undefined, options: RequestOptions) {
  const { skill, skillVersion: version, label } = options;
  if (skill === undefined) {
    if (first === undefined || second === undefined) {
      throw new CommandFailure(
        'usage',
        'A request needs an agent and a payload, or --skill and a payload.',
        `For example: orchestrator request echo '{"hello": "world"}'`,
      );
    }
    if (version !== undefined || label !== undefined) {
      throw new CommandFailure(
        'usage',
        '--skill-version and --label choose among agents with a skill.',
        'Add --skill.',
      );
    }
    return { to: { agent: first }, payloadText: second };
  }
  if (second !== undefined) {
    throw new CommandFailure(
      'usage',
      `Both an agent (${first ?? ''}) and --skill ${skill} are named.`,
      'Leave one of them out.',
    );
  }
  if (first === undefined) {
    throw new CommandFailure(
      'usage',
      'The payload is missing.',
      `For example: orchestrator request --skill ${skill} '{"hello": "world"}'`,
    );
  }
  return { to: { skill, ...defined({ version, labels: label }) }, payloadText: first };
}

async function textInput(text: string, context: Context): Promise<string> {
  return text === '-' ? context.readInput() : text;
}
