import type { Instruments } from '@ai-orchestrator/core/plugin';
import type { McpServers, UpstreamStatus } from './mcp-servers.js';

/** Shows how the servers are, by the names that `/metrics` has. */
export function measure(servers: McpServers, instruments: Instruments): void {
  instruments.gauge('orchestrator_mcp_servers', 'MCP servers behind us.', ['state', 'version'], () => {
    const counted = new Map<string, number>();
    for (const { state, protocolVersion = 'unknown' } of servers.status()) {
      const labels = `${state} ${protocolVersion}`;
      counted.set(labels, (counted.get(labels) ?? 0) + 1);
    }
    return [...counted].map(([labels, value]) => ({ value, labels: labels.split(' ') }));
  });
  const each = (name: string, help: string, value: (status: UpstreamStatus) => number): void =>
    instruments.gauge(name, help, ['server'], () =>
      servers.status().map((status) => ({ value: value(status), labels: [status.id] })),
    );
  each(
    'orchestrator_mcp_requests_in_flight',
    'Requests that an MCP server has not answered.',
    ({ inFlight }) => inFlight,
  );
  each(
    'orchestrator_mcp_restarts',
    'Times that an MCP server was started or connected to again.',
    ({ restarts }) => restarts,
  );
  each(
    'orchestrator_mcp_garbage_lines',
    'Lines of an MCP server that were no messages.',
    ({ garbageLines }) => garbageLines,
  );
  each('orchestrator_mcp_tools', 'Tools of an MCP server.', ({ tools }) => tools);
}
