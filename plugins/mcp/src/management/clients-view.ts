import type { mcpMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { DownstreamStatus } from '../downstream/gateway.js';
import { eraOf } from '../downstream/protocol.js';

type McpClients = NonNullable<ResultOf<typeof mcpMethods.mcpStatus>['clients']>;

/** Who speaks what, as `mcp.status` shows it. */
export function clientsView({ sessions, listeners, heldCalls, known }: DownstreamStatus): McpClients {
  return {
    sessions: Object.entries(sessions).map(([protocolVersion, count]) => ({ protocolVersion, count })),
    listeners,
    heldCalls,
    known: known.map(({ revision, lastAt, ...client }) => ({
      ...client,
      era: eraOf(revision),
      protocolVersion: revision,
      lastAt: new Date(lastAt).toISOString(),
    })),
  };
}
