import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { mcpClientsText, mcpStatusText } from '../mcp-text.js';

/** `orchestrator mcp status` */
export function mcpStatus(command: Command, context: Context): void {
  command.argument('[server]', 'only this one');
  examples(connectionOptions(command), [
    {
      says: 'How each server fares, and which revisions are spoken with servers and clients',
      line: 'orchestrator mcp status',
    },
    { says: 'Why one is not ready', line: 'orchestrator mcp status github' },
  ]).action(async (name: string | undefined, options: ConnectionOptions) => {
    const status = await withDaemon(context, options, (daemon) => daemon.call('mcp.status', defined({ name })));
    context.output.answer(status, () =>
      [
        ...(status.servers.length === 0
          ? ['no MCP servers']
          : status.servers.map((server) => mcpStatusText(server, context))),
        ...(status.clients === undefined ? [] : [mcpClientsText(status.clients, context)]),
      ].join('\n\n'),
    );
  });
}
