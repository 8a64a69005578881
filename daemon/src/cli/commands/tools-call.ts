import type { ToolProgress } from '@ai-orchestrator/protocol/client';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { jsonObjectInput } from '../json-input.js';
import { printable } from '../printable.js';
import { resultText } from '../tool-result-text.js';
import { duration } from '../values.js';

interface CallOptions extends ConnectionOptions {
  readonly range?: string;
  readonly context?: string;
  readonly key?: string;
  readonly timeout: number;
}

/** After so long without a word people are told why it may be. */
const SILENCE_MS = 3_000;

/** `orchestrator tools call` */
export function toolsCall(command: Command, context: Context): void {
  command
    .argument('<tool>', 'name of the tool')
    .argument('[arguments]', 'its arguments, a JSON object; "-" reads it from stdin', '{}')
    .option('--range <range>', 'which versions will do, such as "^2.0.0"')
    .option('--context <context>', 'the conversation that the call belongs to')
    .option('--key <key>', 'idempotency key: called again with the same key it has one effect')
    .option('--timeout <duration>', 'how long it may take', duration, 60_000);
  examples(connectionOptions(command), [
    { says: 'Call a tool, and print what it answers', line: `orchestrator tools call calc__add '{"a": 1, "b": 2}'` },
    { says: 'One that takes long; Ctrl-C cancels it', line: 'orchestrator tools call calc__slow --timeout 10m' },
  ]).action(async (name: string, text: string, options: CallOptions) => {
    const given = await jsonObjectInput(text, 'ARGUMENTS', context);
    const { range: version, context: contextId, key: idempotencyKey, timeout: timeoutMs } = options;
    const { output } = context;
    const silence = setTimeout(() => {
      if (!output.json)
        output.note(output.noteStyle.dim(`${name} is at it, or waits for approval ("orchestrator tools approvals")`));
    }, SILENCE_MS);
    const onProgress = ({ progress, total, message = '' }: ToolProgress) => {
      clearTimeout(silence);
      const far = total === undefined ? String(progress) : `${String(progress)}/${String(total)}`;
      if (!output.json) output.note(output.noteStyle.dim(printable(`${far} ${message}`.trim())));
    };
    const result = await withDaemon(context, options, ({ client, signal }) =>
      client.callTool(
        name,
        { ...given },
        { timeoutMs, signal, onProgress, ...defined({ version, contextId, idempotencyKey }) },
      ),
    ).finally(() => clearTimeout(silence));
    output.answer(result, () => printable(resultText(result, output)));
    if (result.isError === true) throw new CommandFailure('refused', 'The tool says that it failed.');
  });
}
