import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { mcpServersText } from '../mcp-text.js';

/** `orchestrator mcp restart` */
export function mcpRestart(command: Command, context: Context): void {
  command.argument('<server>', 'name of the server');
  examples(connectionOptions(command), [
    { says: 'Start it again, also when it was given up', line: 'orchestrator mcp restart github' },
  ]).action(async (name: string, options: ConnectionOptions) => {
    const server = await withDaemon(context, options, (daemon) => daemon.call('mcp.restart', { name }));
    context.output.answer(server, () => mcpServersText([server], context.output));
  });
}
