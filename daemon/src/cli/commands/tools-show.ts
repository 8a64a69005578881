import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { toolText } from '../tool-text.js';

interface ShowOptions extends ConnectionOptions {
  readonly range?: string;
}

/** `orchestrator tools show` */
export function toolsShow(command: Command, context: Context): void {
  command
    .argument('<tool>', 'name of the tool')
    .option('--range <range>', 'which versions will do, such as "^2.0.0"; the newest of them is shown');
  examples(connectionOptions(command), [
    { says: 'A tool with its schemas', line: 'orchestrator tools show github__create_issue' },
    { says: 'What its arguments are, for a script', line: 'orchestrator tools show TOOL --json | jq .inputSchema' },
  ]).action(async (name: string, { range, ...options }: ShowOptions) => {
    const params = { name, ...defined({ version: range }) };
    const tool = await withDaemon(context, options, (daemon) => daemon.call('tool.get', params));
    context.output.answer(tool, () => toolText(tool, context));
  });
}
