import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator mcp remove` */
export function mcpRemove(command: Command, context: Context): void {
  command.argument('<server>', 'name of the server');
  examples(connectionOptions(command), [
    { says: 'Stop a server, and withdraw its tools', line: 'orchestrator mcp remove github' },
  ]).action(async (name: string, options: ConnectionOptions) => {
    const done = await withDaemon(context, options, (daemon) => daemon.call('mcp.remove', { name }));
    context.output.answer(done, () => `removed ${name}`);
  });
}
