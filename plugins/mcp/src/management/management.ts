import type { Handlers, PluginHost } from '@ai-orchestrator/core/plugin';
import { events, mcpMethods } from '@ai-orchestrator/protocol';
import type { LateDownstream } from '../downstream/late-downstream.js';
import type { LateAuthorizations } from '../oauth/late-authorizations.js';
import type { McpServers } from '../upstream/mcp-servers.js';
import { mayAuthorize } from './may-authorize.js';
import type { ManagedServers } from './managed-servers.js';
import type { ServerChanges } from './server-changes.js';
import { clientsView } from './clients-view.js';
import { record } from './record.js';
import { serverRecord, serverStatus, withAuthorization } from './server-views.js';

/** Methods about the servers behind the daemon. */
export const managementMethods = {
  mcpAdd: mcpMethods.mcpAdd,
  mcpChange: mcpMethods.mcpChange,
  mcpRemove: mcpMethods.mcpRemove,
  mcpList: mcpMethods.mcpList,
  mcpStatus: mcpMethods.mcpStatus,
  mcpLogs: mcpMethods.mcpLogs,
  mcpRestart: mcpMethods.mcpRestart,
  mcpAuthorize: mcpMethods.mcpAuthorize,
  mcpDeauthorize: mcpMethods.mcpDeauthorize,
  mcpImport: mcpMethods.mcpImport,
} as const;

/** What these methods record. */
export const managementEvents = {
  mcpAdded: events.mcpAdded,
  mcpChanged: events.mcpChanged,
  mcpRemoved: events.mcpRemoved,
  mcpRestarted: events.mcpRestarted,
  mcpAuthorized: events.mcpAuthorized,
  mcpDeauthorized: events.mcpDeauthorized,
  mcpRevoked: events.mcpRevoked,
  mcpImported: events.mcpImported,
} as const;

type Emit = PluginHost<unknown, Readonly<Record<never, never>>, typeof managementEvents>['emit'];

/** Answers {@link managementMethods}. @param load makes what changes servers, when somebody first does */
export function managementHandlers(
  managed: ManagedServers,
  load: () => Promise<ServerChanges>,
  running: McpServers,
  emit: Emit,
  authorizations: LateAuthorizations,
  downstream: LateDownstream,
  policy: Parameters<typeof mayAuthorize>[4],
): Handlers<typeof managementMethods> {
  const statuses = () => new Map(running.status().map((status) => [status.id, status]));
  const view = <T>(
    make: (...about: Parameters<typeof serverRecord>) => T,
    names: Iterable<string> = managed.all().keys(),
  ): T[] => {
    const known = statuses();
    return [...names].map((name) => {
      const server = managed.find(name);
      return managed.isChanging(name)
        ? make(name, server, undefined, undefined)
        : make(name, server, known.get(name), managed.failure(name));
    });
  };
  let loaded: Promise<ServerChanges> | undefined;
  const changes = () => (loaded ??= load());
  return {
    mcpAdd: async (params, call) => (await changes()).add(params, call),
    mcpChange: async (params, call) => (await changes()).change(params, call),
    mcpRemove: async (params, call) => (await changes()).remove(params, call),
    mcpImport: async (params, call) => (await changes()).import(params, call),
    mcpList: () => ({ entries: view(serverRecord) }),
    async mcpStatus({ name }) {
      const servers = view(serverStatus, name === undefined ? undefined : [name]);
      return {
        servers: await Promise.all(servers.map((server) => withAuthorization(server, authorizations))),
        ...(name === undefined && { clients: clientsView(downstream.status()) }),
      };
    },
    async mcpAuthorize({ name, principal: whom }, { principal: caller }) {
      const { principal, asker } = mayAuthorize(name, caller, whom, managed, policy);
      return (await authorizations.get()).startAuthorization(name, principal, asker);
    },
    async mcpDeauthorize({ name, principal: whom }, call) {
      const { principal: whose } = mayAuthorize(name, call.principal, whom, managed, policy);
      return (await authorizations.get()).withdraw(name, whose, (issuer, principal) => {
        const details = { server: name, issuer, ...(principal !== undefined && { principal }) };
        return record(events.mcpDeauthorized.name, `mcp/${name}`, details, call);
      });
    },
    mcpLogs({ name, lines = 100 }) {
      managed.find(name);
      const kept = running.get(name) === undefined ? [] : running.logs(name, lines);
      return {
        entries: kept.map(({ at, stream, line, truncated }) => ({
          time: new Date(at).toISOString(),
          stream,
          line,
          ...(truncated && { truncated }),
        })),
      };
    },
    async mcpRestart({ name }, call) {
      const server = managed.find(name);
      await emit(events.mcpRestarted, { server: name }, { resource: `mcp/${name}`, call });
      if (running.get(name) === undefined) managed.run(name);
      else await running.restart(name);
      return serverRecord(name, server, statuses().get(name), managed.failure(name));
    },
  };
}
