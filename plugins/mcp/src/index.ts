import {
  Agents,
  Authentication,
  Authorizer,
  Clock,
  DaemonIdentity,
  DataDirectory,
  definePlugin,
  Effects,
  Http,
  Instruments,
  Journal,
  Messages,
  Random,
  Secrets,
  Store,
  Supervisor,
  Tasks,
  Timers,
  Tools,
} from '@ai-orchestrator/core/plugin';
import { events } from '@ai-orchestrator/protocol';
import { isDeepStrictEqual } from 'node:util';
import { recordClient } from './downstream/client-records.js';
import { downstreamLimitsOf, limitsOf, McpConfig } from './config.js';
import { LateDownstream } from './downstream/late-downstream.js';
import { ManagedServers } from './management/managed-servers.js';
import { managementEvents, managementHandlers, managementMethods } from './management/management.js';
import { oauthSettingsOf } from './oauth/settings.js';
import { outboundSettingsOf } from './outbound/outbound-settings.js';
import { LateAuthorizations } from './oauth/late-authorizations.js';
import { protect } from './resource/protect.js';
import { LateServers } from './upstream/late-servers.js';
import { serverSettings, type ServerConfig } from './upstream/server-config.js';

export default definePlugin({
  id: 'mcp',
  config: McpConfig,
  requires: {
    store: Store,
    effects: Effects,
    secrets: Secrets,
    tools: Tools,
    supervisor: Supervisor,
    clock: Clock,
    timers: Timers,
    dataDirectory: DataDirectory,
    http: Http,
    authentication: Authentication,
    authorizer: Authorizer,
    random: Random,
    instruments: Instruments,
    identity: DaemonIdentity,
    agents: Agents,
    journal: Journal,
    messages: Messages,
    tasks: Tasks,
  },
  methods: managementMethods,
  events: {
    ...managementEvents,
    connected: events.mcpConnected,
    disconnected: events.mcpDisconnected,
    failed: events.mcpFailed,
    negotiated: events.mcpNegotiated,
  },
  async start({ config, services, log, emit, stopMs, defer, onReload }) {
    const { store, effects, secrets, tools, supervisor, clock, random, timers, dataDirectory, instruments } = services;
    const limits = limitsOf(config);
    const configured: Readonly<Record<string, ServerConfig>> = config.servers ?? {};
    const times = { stopMs, lastOutputMs: supervisor.lastOutputMs };
    for (const [id, server] of Object.entries(configured)) serverSettings(id, server, times);
    const outbound = outboundSettingsOf(config.outbound);
    const publicUrl = () => config.publicUrl ?? services.http.url;
    const authorized = (server: string, issuer: string, principal: string | undefined) =>
      emit(
        events.mcpAuthorized,
        { server, issuer, ...(principal !== undefined && { principal }) },
        { resource: `mcp/${server}` },
      );
    const stopping = new AbortController();
    const authorizations = new LateAuthorizations(async () => {
      const [{ Authorizations }, { OutboundDoor }] = await Promise.all([
        import('./oauth/authorizations.js'),
        import('./outbound/outbound-door.js'),
      ]);
      return new Authorizations({
        ...{ store, secrets, clock, timers, random, log, publicUrl, authorized, stopping: stopping.signal },
        directory: dataDirectory.path,
        settings: oauthSettingsOf(config.oauth),
        door: (server) => new OutboundDoor(outbound, server),
        revoked: (server, outcome) =>
          emit(
            events.mcpRevoked,
            { server, ...outcome },
            { resource: `mcp/${server}`, outcome: outcome.unrevoked === 0 ? 'success' : 'failure' },
          ),
      });
    });
    for (const mount of authorizations.mounts()) defer(services.http.mount(mount));
    const servers = new LateServers(async () => {
      const { openServers } = await import('./upstream/open-servers.js');
      return openServers(
        { store, secrets, tools, supervisor, clock, random, timers, log, instruments, emit, times },
        limits,
        outbound,
        authorizations,
        dataDirectory.path,
      );
    });
    const managed = new ManagedServers(configured, servers, log, times);
    defer(async () => {
      stopping.abort();
      await managed.stop();
      await servers.close();
    });
    const downstream = new LateDownstream(async () => {
      const { openDownstream } = await import('./downstream/open-downstream.js');
      const { version } = services.identity;
      return openDownstream(
        {
          ...services,
          upstreams: servers,
          skills: config.skills !== undefined && config.skills > 0,
          taskKey: async () => {
            const { vaultKey } = await import('./oauth/vault-key.js');
            return vaultKey(dataDirectory.path, random, log, 'mcp-tasks.key');
          },
          log: log.child('downstream'),
          version,
          met: recordClient(emit, log),
        },
        downstreamLimitsOf(config),
      );
    });
    defer(() => downstream.close());
    const challenge =
      config.accessTokens === undefined
        ? undefined
        : await protect(config.accessTokens, outbound, publicUrl, { ...services, log }, defer);
    for (const mount of downstream.mounts(challenge)) defer(services.http.mount(mount));
    if (config.skills !== undefined && config.skills > 0) {
      const { OfferedSkills } = await import('./agents/offered-skills.js');
      const skills = new OfferedSkills({ ...services, log: log.child('skills') }, config.skills);
      defer(() => skills.close());
    }
    if (config.taskTools === true) {
      const { TaskTools } = await import('./tasks/task-tools.js');
      const taskTools = new TaskTools({ ...services, log: log.child('tasks') });
      defer(() => taskTools.close());
      await taskTools.start();
    }
    await managed.start(store);
    const overHttp = [...managed.all()].filter(([, { config: server }]) => server.url !== undefined);
    for (const gone of await authorizations.gone(new Set(overHttp.map(([name]) => name)), store)) {
      managed.clear(gone, async () => (await authorizations.get()).erase(gone));
    }
    onReload((next) => {
      // Whatever else there is holds for the whole life of the plugin.
      if (!isDeepStrictEqual({ ...next, servers: {} }, { ...config, servers: {} })) return false;
      managed.reconfigure(next.servers ?? {});
      return true;
    });
    const changes = async () => {
      const { ServerChanges } = await import('./management/server-changes.js');
      const searchPath = process.env.PATH ?? '';
      return new ServerChanges(managed, { effects, clock, searchPath, times, limit: limits.servers });
    };
    return { handlers: managementHandlers(managed, changes, servers, emit, authorizations, downstream, services) };
  },
});
