import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { printable } from '../printable.js';
import { clockTime } from '../time-text.js';

interface AuthorizeOptions extends ConnectionOptions {
  readonly principal?: string;
}

/** `orchestrator mcp authorize` */
export function mcpAuthorize(command: Command, context: Context): void {
  command
    .argument('<server>', 'name of the server')
    .option('--principal <id>', 'whose it is, at a server with instances per caller');
  examples(connectionOptions(command), [
    { says: 'The URL where a person allows the daemon to use a server', line: 'orchestrator mcp authorize github' },
  ]).action(async (name: string, { principal, ...options }: AuthorizeOptions) => {
    const begun = await withDaemon(context, options, (daemon) =>
      daemon.call('mcp.authorize', { name, ...defined({ principal }) }),
    );
    context.output.answer(begun, () => printable(begun.url));
    context.output.note(`Open it in a browser and say yes before ${clockTime(begun.expiresAt)}.`);
  });
}
