import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

interface StdioOptions extends ConnectionOptions {
  readonly set?: string;
}

/** `orchestrator mcp stdio` */
export function mcpStdio(command: Command, context: Context): void {
  command.option('--set <set>', 'only the tools of a set; everything that the key may use unless said');
  examples(connectionOptions(command), [
    { says: 'What an editor or assistant runs that can only start programs', line: 'orchestrator mcp stdio' },
    { says: 'With the tools of a set', line: 'orchestrator mcp stdio --set coding' },
  ]).action(async ({ set, ...options }: StdioOptions) => {
    const { findMcpAddress } = await import('../mcp-bridge/mcp-address.js');
    const { McpBridge } = await import('../mcp-bridge/mcp-bridge.js');
    const bridge = new McpBridge({
      ...context.stdio(),
      address: () => findMcpAddress(options, set, context.environment),
      note: (text) => context.output.note(text),
      signal: context.interruption(),
    });
    await bridge.run();
  });
}
