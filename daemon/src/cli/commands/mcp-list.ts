import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { mcpServersText } from '../mcp-text.js';

/** `orchestrator mcp list` */
export function mcpList(command: Command, context: Context): void {
  examples(connectionOptions(command), [
    { says: 'The servers behind the daemon', line: 'orchestrator mcp list' },
    {
      says: 'Those that are not ready, for a script',
      line: `orchestrator mcp list --json | jq -r '.entries[] | select(.state != "ready").name'`,
    },
  ]).action(async (options: ConnectionOptions) => {
    const list = await withDaemon(context, options, (daemon) => daemon.call('mcp.list', {}));
    context.output.answer(list, () => mcpServersText(list.entries, context.output));
  });
}
