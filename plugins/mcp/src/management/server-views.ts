import type { mcpMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { LateAuthorizations } from '../oauth/late-authorizations.js';
import type { UpstreamStatus } from '../upstream/mcp-servers.js';
import type { ManagedServer } from './managed-servers.js';
import { shownServer } from './shown-server.js';

/** A server as its methods show it. */
export type ServerRecord = ResultOf<typeof mcpMethods.mcpAdd>;
/** A server as `mcp.status` shows it. */
export type ServerStatus = ResultOf<typeof mcpMethods.mcpStatus>['servers'][number];

/** @param failure why it does not run at all */
export function serverRecord(
  name: string,
  { source, config }: ManagedServer,
  status: UpstreamStatus | undefined,
  failure: string | undefined,
): ServerRecord {
  const reason = failure ?? status?.reason;
  return {
    name,
    source,
    ...shownServer(config),
    prefix: status?.prefix ?? config.prefix ?? `${name}__`,
    state: failure === undefined ? (status?.state ?? 'connecting') : 'failed',
    ...(reason !== undefined && { reason }),
    ...(status?.era !== undefined && { era: status.era }),
    ...(status?.protocolVersion !== undefined && { protocolVersion: status.protocolVersion }),
    tools: status?.tools ?? 0,
    prompts: status?.prompts ?? 0,
    resources: status?.resources ?? 0,
  };
}

/** @param failure why it does not run at all */
export function serverStatus(
  name: string,
  server: ManagedServer,
  status: UpstreamStatus | undefined,
  failure: string | undefined,
): ServerStatus {
  const { stored } = server;
  return {
    ...serverRecord(name, server, status, failure),
    ...(status?.serverName !== undefined && { serverName: status.serverName }),
    ...(status?.serverVersion !== undefined && { serverVersion: status.serverVersion }),
    restarts: status?.restarts ?? 0,
    inFlight: status?.inFlight ?? 0,
    garbageLines: status?.garbageLines ?? 0,
    ...(status?.lastError !== undefined && { lastError: status.lastError }),
    refusedTools: (status?.refused ?? []).map(({ name: tool, reason }) => ({ name: tool, reason })),
    ...(stored !== undefined && { addedAt: new Date(stored.addedAt).toISOString(), addedBy: stored.addedBy }),
  };
}

/** Adds how it stands with the authorization of a server over HTTP that asks for one. */
export async function withAuthorization(server: ServerStatus, late: LateAuthorizations): Promise<ServerStatus> {
  const authorizations = server.transport === 'http' ? await late.get() : undefined;
  if (authorizations?.has(server.name) !== true) return server;
  const { state, scopes, ...more } = await authorizations.status(server.name);
  if (state === 'none') return server;
  return { ...server, authorization: { state, ...more, ...(scopes !== undefined && { scopes: [...scopes] }) } };
}
