import type {
  Clock,
  Instruments,
  Log,
  Random,
  Secrets,
  Store,
  Supervisor,
  Timers,
  Tools,
} from '@ai-orchestrator/core/plugin';
import type { McpLimits } from '../config.js';
import type { LateAuthorizations } from '../oauth/late-authorizations.js';
import type { OutboundSettings } from '../outbound/outbound-settings.js';
import { StoredEras } from './era-memory.js';
import { measure } from './measure.js';
import { ConnectionRecords, type Emit } from './connection-records.js';
import type { McpServers } from './mcp-servers.js';
import type { StopTimes } from './server-config.js';
import { UpstreamServers } from './upstream-servers.js';

/** Services of the daemon that the servers need. */
export interface ServersServices {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly tools: Tools;
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  readonly instruments: Instruments;
  readonly emit: Emit;
  readonly times: StopTimes;
}

/** @param workingDirectory where a child runs unless its configuration says */
export function openServers(
  services: ServersServices,
  limits: McpLimits,
  outbound: Required<OutboundSettings>,
  authorizations: LateAuthorizations,
  workingDirectory: string,
): McpServers {
  const { store, log, instruments, emit } = services;
  const servers = new UpstreamServers({
    ...services,
    limits,
    servers: limits.servers,
    outbound,
    authorizations,
    memory: new StoredEras(store, log),
    workingDirectory,
  });
  const records = new ConnectionRecords(servers, emit, log);
  servers.onChanged((id, what) => {
    if (what === 'state') records.changed(id);
  });
  measure(servers, instruments);
  return servers;
}
