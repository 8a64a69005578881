import {
  type AccessRules,
  addConnectionMethods,
  AuthenticationRegistry,
  DEFAULT_ACCESS_RULES,
  DEFAULT_AUTHENTICATION_LIMITS,
  DEFAULT_INSTRUMENT_LIMITS,
  DEFAULT_RATE_LIMITS,
  Dispatcher,
  InMemoryInstruments,
  Responder,
  RoleAuthorizer,
  RPC_DEFAULTS,
  RpcMeters,
  SessionRegistry,
  SystemClock,
  SystemRandom,
  SystemTimers,
  TokenBuckets,
  type RpcLimits,
} from '@ai-orchestrator/core';
import type { Log, Principal } from '@ai-orchestrator/core/plugin';
import { WEB_SOCKET_DEFAULTS, WebSocketServer, type WebSocketOptions } from '@ai-orchestrator/daemon';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The keys that {@link startRpcHost} knows; the part before the colon is the role. */
export const KEYS = { admin: 'admin:key', observer: 'observer:key' } as const;

/** A session layer on a real socket, with a fake credential scheme and no domain. */
export interface RpcHost {
  readonly url: string;
  readonly port: number;
  readonly dispatcher: Dispatcher;
  readonly sessions: SessionRegistry;
  readonly authentication: AuthenticationRegistry;
  readonly authorizer: RoleAuthorizer;
  readonly instruments: InMemoryInstruments;
  /** Messages of error lines that were logged. */
  readonly errors: { readonly message: string; readonly fields: object }[];
  stop(): Promise<void>;
}

/** What a test changes. */
export interface RpcHostOptions {
  readonly limits?: Partial<RpcLimits>;
  readonly webSocket?: Partial<WebSocketOptions>;
  readonly callsPerSecond?: number;
  readonly rules?: AccessRules;
  /** Wall-clock milliseconds at which every credential ends. */
  readonly expiresAt?: number;
}

/** Composes dispatcher, sessions and WebSocket server by hand and listens on a free port of loopback. */
export async function startRpcHost(options: RpcHostOptions = {}): Promise<RpcHost> {
  const errors: { message: string; fields: object }[] = [];
  const log: Log = {
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (fields, message) => errors.push({ fields, message }),
    fatal: () => undefined,
    child: () => log,
  };
  const clock = new SystemClock();
  const timers = new SystemTimers();
  const random = new SystemRandom(clock);
  const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
  const meters = new RpcMeters(instruments);
  const limits = { ...RPC_DEFAULTS, ...options.limits };
  const authentication = new AuthenticationRegistry(clock, timers, instruments, log, DEFAULT_AUTHENTICATION_LIMITS);
  authentication.addScheme({
    name: 'test',
    recognises: (token) => token.endsWith(':key'),
    authenticate: async (token): Promise<Principal | undefined> => {
      const role = token.split(':')[0];
      if (role !== 'admin' && role !== 'observer') return undefined;
      const { expiresAt } = options;
      return { id: role, kind: 'user', roles: [role], credentialId: role, ...(expiresAt ? { expiresAt } : {}) };
    },
  });
  const authorizer = new RoleAuthorizer(options.rules ?? DEFAULT_ACCESS_RULES, clock);
  const rate = options.callsPerSecond ?? 1e6;
  const buckets = new TokenBuckets(clock, { ...DEFAULT_RATE_LIMITS, perSecond: rate, burst: rate });
  const dispatcher = new Dispatcher(buckets, meters, limits, log);
  const responder = new Responder(dispatcher, meters, limits, clock, random, log);
  const sessions = new SessionRegistry(
    responder,
    authorizer,
    authentication,
    limits,
    meters,
    clock,
    timers,
    random,
    log,
  );
  addConnectionMethods(dispatcher, sessions, authentication, { version: '1.2.3', node: 'test' });
  const webSocketOptions = { ...WEB_SOCKET_DEFAULTS, ...options.webSocket };
  const webSocket = new WebSocketServer(sessions, authentication, limits, webSocketOptions, clock, timers, log);
  const server = createServer();
  server.on('upgrade', (request, socket, head) => webSocket.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/rpc`,
    port,
    dispatcher,
    sessions,
    authentication,
    authorizer,
    instruments,
    errors,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      await webSocket.close();
      sessions.close();
      await closed;
    },
  };
}
