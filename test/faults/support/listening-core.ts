import type { AccessRules } from '@ai-orchestrator/core';
import {
  AgentOwners,
  AuthenticationRegistry,
  boot,
  type CoreLimits,
  corePlugin,
  DEFAULT_ACCESS_RULES,
  DEFAULT_AUTHENTICATION_LIMITS,
  DEFAULT_INSTRUMENT_LIMITS,
  DEFAULT_RATE_LIMITS,
  DEFAULT_TOOL_RULES,
  DaemonIdentity,
  Dispatcher,
  HealthChecks,
  InMemoryInstruments,
  MemoryAgentOwners,
  Responder,
  RoleAuthorizer,
  RPC_DEFAULTS,
  RpcMeters,
  RuleToolAccess,
  SessionRegistry,
  SystemClock,
  SystemRandom,
  SystemTimers,
  TokenBuckets,
  ToolAccess,
} from '@ai-orchestrator/core';
import {
  Authorizer,
  Clock,
  definePlugin,
  Health,
  Instruments,
  Random,
  Sessions,
  Store,
  Timers,
} from '@ai-orchestrator/core/plugin';
import { WEB_SOCKET_DEFAULTS, WebSocketServer } from '@ai-orchestrator/daemon';
import { LevelStore } from '@ai-orchestrator/plugin-storage-level';
import type { Role } from '@ai-orchestrator/protocol';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawConnection } from '../../support/raw-connection.js';
import { quietLog } from './quiet-log.js';

/** The core behind a real listener and on a real disk; whoever comes is who it says, so that a test has principals at hand. */
export async function listeningCore(options: { limits?: CoreLimits; store?: (store: Store) => Store } = {}) {
  const clock = new SystemClock();
  const timers = new SystemTimers();
  const random = new SystemRandom(clock);
  const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
  const authorizer = new RoleAuthorizer(DEFAULT_ACCESS_RULES satisfies AccessRules, clock);
  const authentication = new AuthenticationRegistry(
    clock,
    timers,
    instruments,
    quietLog,
    DEFAULT_AUTHENTICATION_LIMITS,
  );
  authentication.addScheme({
    name: 'by name',
    recognises: () => true,
    authenticate: async (token) => {
      const [id = '', role = ''] = token.split(':');
      return Promise.resolve({ id, kind: 'agent', roles: [role as Role], credentialId: token });
    },
  });
  const meters = new RpcMeters(instruments);
  const methods = new Dispatcher(new TokenBuckets(clock, DEFAULT_RATE_LIMITS), meters, RPC_DEFAULTS, quietLog);
  const responder = new Responder(methods, meters, RPC_DEFAULTS, clock, random, quietLog);
  const sessions = new SessionRegistry(
    responder,
    authorizer,
    authentication,
    RPC_DEFAULTS,
    meters,
    clock,
    timers,
    random,
    quietLog,
  );
  const directory = await mkdtemp(join(tmpdir(), 'orchestrator-fault-'));
  const storage = definePlugin({
    id: 'storage',
    provides: { store: Store },
    async start({ defer }) {
      const opened = await LevelStore.open({ path: directory, node: 'test', clock, timers, log: quietLog });
      defer(() => opened.close());
      return { services: { store: options.store?.(opened) ?? opened } };
    },
  });
  const owners = new MemoryAgentOwners();
  const core = await boot({
    plugins: [
      { plugin: storage, required: true },
      { plugin: corePlugin(options.limits), required: true },
    ],
    services: new Map<symbol, unknown>([
      [Clock, clock],
      [Timers, timers],
      [Random, random],
      [Authorizer, authorizer],
      [AgentOwners, owners],
      [ToolAccess, new RuleToolAccess(DEFAULT_TOOL_RULES, authorizer, owners)],
      [Sessions, sessions],
      [Instruments, instruments],
      [Health, new HealthChecks()],
      [DaemonIdentity, { version: '0.0.0', node: 'test' }],
    ]),
    methods,
    log: quietLog,
    clock,
    timers,
    instruments,
  });
  const listener = new WebSocketServer(
    sessions,
    authentication,
    RPC_DEFAULTS,
    WEB_SOCKET_DEFAULTS,
    clock,
    timers,
    quietLog,
  );
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    listener.upgrade(request, socket, head);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `ws://127.0.0.1:${String((http.address() as AddressInfo).port)}/rpc`;
  return {
    /** Opens a connection of a principal. */
    connect: (principal: string, role: Role = 'agent') => RawConnection.open(url, `${principal}:${role}`),
    async stop() {
      await listener.close();
      http.close();
      await core.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** What the journal says of one resource, in short. */
export async function journalOf(connection: RawConnection, resource: string): Promise<string[]> {
  const { entries } = await connection.result('journal.read', { resource });
  return (entries as { action: string; principal: string; outcome: string }[]).map(
    ({ action, principal, outcome }) => `${action} ${principal} ${outcome}`,
  );
}

/** Parameters that register an agent. */
export function agent(agentId: string, more: object = {}) {
  return { agentId, card: { name: agentId, version: '1.0.0', skills: [{ id: 'echo' }] }, ...more };
}
