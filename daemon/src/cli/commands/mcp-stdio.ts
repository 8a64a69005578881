import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { duration } from '../values.js';

interface StdioOptions extends ConnectionOptions {
  readonly set?: string;
  readonly wait?: number;
  readonly drain?: number;
}

/** `orchestrator mcp stdio` */
export function mcpStdio(command: Command, context: Context): void {
  command
    .option('--set <set>', 'only the tools of a set; everything that the key may use unless said')
    .option('--wait <duration>', 'how long each request waits for a daemon that is away; 5s unless said', duration)
    .option(
      '--drain <duration>',
      'from the end of stdin until requests under way are given up; 1s unless said',
      duration,
    );
  examples(connectionOptions(command), [
    { says: 'What an editor or assistant runs that can only start programs', line: 'orchestrator mcp stdio' },
    { says: 'With the tools of a set', line: 'orchestrator mcp stdio --set coding' },
  ]).action(async ({ set, wait, drain, ...options }: StdioOptions) => {
    const { BRIDGE_LIMITS } = await import('../mcp-bridge/bridge-limits.js');
    const { findMcpAddress } = await import('../mcp-bridge/mcp-address.js');
    const { McpBridge } = await import('../mcp-bridge/mcp-bridge.js');
    const bridge = new McpBridge(
      {
        ...context.stdio(),
        address: () => findMcpAddress(options, set, context.environment),
        note: (text) => context.output.note(text),
        signal: context.interruption(),
      },
      { ...BRIDGE_LIMITS, ...defined({ unreachableMs: wait, drainMs: drain }) },
    );
    await bridge.run();
  });
}
