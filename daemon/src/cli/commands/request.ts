import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { payloadInput } from '../payload-input.js';
import { recipientAnd, recipientOptions, type RecipientOptions } from '../recipient.js';
import { durationText } from '../time-text.js';
import { duration } from '../values.js';

interface RequestOptions extends ConnectionOptions, RecipientOptions {
  readonly text?: boolean;
  readonly stream?: boolean;
  readonly timeout: number;
}

/** `orchestrator request` */
export function request(command: Command, context: Context): void {
  const described = command
    .usage('<agent> <payload> [options]\n       orchestrator request --skill <skill> <payload> [options]')
    .argument('[agent]', 'id of the agent; left out with --skill')
    .argument('[payload]', 'what to ask, as JSON; "-" reads it from stdin');
  recipientOptions(described)
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
    const { to, text } = recipientAnd(first, second, options, 'request', 'payload');
    const payload = await payloadInput(text, options, 'PAYLOAD', context);
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
