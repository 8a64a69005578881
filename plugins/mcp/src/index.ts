import {
  Authentication,
  Clock,
  DaemonIdentity,
  DataDirectory,
  definePlugin,
  Http,
  Instruments,
  Random,
  Secrets,
  Store,
  Supervisor,
  Timers,
  Tools,
} from '@ai-orchestrator/core/plugin';
import { downstreamLimitsOf, limitsOf, McpConfig } from './config.js';
import { LateDownstream } from './downstream/late-downstream.js';
import { outboundSettingsOf } from './outbound/outbound-settings.js';
import { LateServers } from './upstream/late-servers.js';
import { serverSettings, type ServerConfig } from './upstream/server-config.js';

export default definePlugin({
  id: 'mcp',
  config: McpConfig,
  requires: {
    store: Store,
    secrets: Secrets,
    tools: Tools,
    supervisor: Supervisor,
    clock: Clock,
    timers: Timers,
    dataDirectory: DataDirectory,
    http: Http,
    authentication: Authentication,
    random: Random,
    instruments: Instruments,
    identity: DaemonIdentity,
  },
  start({ config, services, log, defer }) {
    const { store, secrets, tools, supervisor, clock, random, timers, dataDirectory } = services;
    const configured = Object.entries<ServerConfig>(config.servers ?? {});
    for (const [id, server] of configured) serverSettings(id, server);
    const servers = new LateServers(async () => {
      const { openServers } = await import('./upstream/open-servers.js');
      return openServers(
        { store, secrets, tools, supervisor, clock, random, timers, log },
        limitsOf(config),
        outboundSettingsOf(config.outbound),
        dataDirectory.path,
      );
    });
    defer(() => servers.close());
    const downstream = new LateDownstream(async () => {
      const { openDownstream } = await import('./downstream/open-downstream.js');
      const { version } = services.identity;
      return openDownstream(
        { ...services, upstreams: servers, log: log.child('downstream'), version },
        downstreamLimitsOf(config),
      );
    });
    defer(() => downstream.close());
    for (const mount of downstream.mounts()) defer(services.http.mount(mount));
    // A server that is slow to start keeps nobody waiting: its tools come when it is ready.
    for (const [id, server] of configured) {
      servers
        .add(id, server)
        .catch((error: unknown) => log.error({ err: error, server: id }, 'an MCP server cannot be added'));
    }
  },
});
