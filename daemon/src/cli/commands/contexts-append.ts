import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import { nameOf } from '../context-text.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { payloadInput } from '../payload-input.js';

interface AppendOptions extends ConnectionOptions {
  readonly text?: boolean;
  readonly type?: string;
}

/** `orchestrator contexts append` */
export function contextsAppend(command: Command, context: Context): void {
  command
    .argument('<context>', 'id of the context')
    .argument('<payload>', 'what to say, as JSON; "-" reads it from stdin')
    .option('--text', 'the payload is text, not JSON')
    .option('--type <type>', 'what kind of entry it is; "message" unless said');
  examples(connectionOptions(command), [
    { says: 'Say something', line: 'orchestrator contexts append CONTEXT --text "Where do we begin?"' },
    { says: 'As data of a kind of its own', line: `orchestrator contexts append CONTEXT '{"votes": 3}' --type poll` },
  ]).action(async (contextId: string, text: string, options: AppendOptions) => {
    const payload = await payloadInput(text, options, 'PAYLOAD', context);
    const params = { contextId, payload, ...defined({ type: options.type }) };
    const said = await withDaemon(context, options, (daemon) => daemon.call('context.append', params));
    const { output } = context;
    output.answer(said, () => `entry ${String(said.entry)}`);
    const holder = said.turn?.holder;
    if (holder !== undefined && !output.json) output.note(output.noteStyle.dim(`it is the turn of ${nameOf(holder)}`));
  });
}
