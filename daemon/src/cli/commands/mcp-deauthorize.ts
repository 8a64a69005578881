import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { printable } from '../printable.js';

interface DeauthorizeOptions extends ConnectionOptions {
  readonly principal?: string;
}

/** `orchestrator mcp deauthorize` */
export function mcpDeauthorize(command: Command, context: Context): void {
  command
    .argument('<server>', 'name of the server')
    .option('--principal <id>', 'whose it is, at a server with instances per caller');
  examples(connectionOptions(command), [
    { says: 'Withdraw what a person allowed the daemon', line: 'orchestrator mcp deauthorize github' },
  ]).action(async (name: string, { principal, ...options }: DeauthorizeOptions) => {
    const { output } = context;
    const withdrawn = await withDaemon(context, options, (daemon) =>
      daemon.call('mcp.deauthorize', { name, ...defined({ principal }) }),
    );
    const { issuer, revoked, reason = 'no reason is known' } = withdrawn;
    output.answer(withdrawn, () => `The authorization at ${name} is withdrawn; its tokens are erased.`);
    output.note(
      revoked
        ? printable(`${issuer} has revoked them.`)
        : printable(`They were not revoked at ${issuer}, and end there by themselves: ${reason}`),
    );
  });
}
