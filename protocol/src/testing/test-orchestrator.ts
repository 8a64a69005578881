import { Client } from '../client/client.js';
import type { ClientOptions } from '../client/client-options.js';
import type { SocketEvents } from '../client/socket.js';
import type { InMemoryCore, TestPrincipal } from './in-memory-core.js';
import { loadCore } from './load-core.js';

/** What a test changes. */
export interface TestOrchestratorOptions {
  /** Bounds, by the names of the configuration's `limits`: `{ messages: { attempts: 2 } }`. */
  readonly limits?: object;
  /** Who may use which tools, by the names of the configuration's `tools`: `{ grants: [{ roles: ['agent'] }] }`. */
  readonly tools?: object;
}

/** Who connects, and how. */
export interface TestConnectOptions extends TestPrincipal, Omit<ClientOptions, 'url' | 'token' | 'time'> {}

/** An orchestrator in the memory of the test: no port, no disk, and time that the test moves. */
export interface TestOrchestrator {
  /** Connects a client, of the principal `tester` with the role `agent` unless said. Its time is the orchestrator's. */
  connect(options?: TestConnectOptions): Promise<Client>;
  /** Moves time on by milliseconds: deadlines, leases, retries and pauses that fall due run before this resolves. */
  advance(ms: number): Promise<void>;
  /** Cuts every connection, with what is on its way; clients reconnect by themselves. */
  cut(): void;
  /** Stops in order and starts again with what is stored: work in progress is interrupted, and goes on. */
  restart(): Promise<void>;
  /** Closes the clients that it connected, and stops. */
  stop(): Promise<void>;
}

/**
 * Starts one. The orchestrator is the real core, from the package `@ai-orchestrator/core`, which has to be installed beside this one.
 *
 * @throws Error when the core is not installed
 */
export async function startTestOrchestrator(options: TestOrchestratorOptions = {}): Promise<TestOrchestrator> {
  const start = await loadCore();
  const core = await start(options);
  const clients: Client[] = [];
  return {
    async connect({ principal = 'tester', role = 'agent', ...how } = {}) {
      const client = await connect(core, { principal, role }, how);
      clients.push(client);
      return client;
    },
    advance: (ms) => core.advance(ms),
    cut: () => core.cut(),
    restart: () => core.restart(),
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      await core.stop();
    },
  };
}

async function connect(
  core: InMemoryCore,
  who: Required<TestPrincipal>,
  how: Omit<ClientOptions, 'url' | 'token' | 'time'>,
): Promise<Client> {
  const sockets = {
    sendsToken: true,
    open: (_url: string, _token: string | undefined, events: SocketEvents) => core.open(who, events),
  };
  // Pauses are short: time stands for itself in a test only when the test moves it.
  const options = {
    reconnectBaseMs: 1,
    reconnectMaxMs: 20,
    ...how,
    time: core.time,
    url: 'ws://in-memory',
    token: who.principal,
  };
  return new Client(options, sockets).start();
}
