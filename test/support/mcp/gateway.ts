import { setTimeout as delay } from 'node:timers/promises';
import { startTestDaemon, type TestDaemon } from '../daemon.js';
import { rawModern, type RawAnswer, type RawClient } from './raw-client.js';
import type { Place } from './talk.js';

/** A daemon as a gateway, and how a client with its admin's key reaches it. */
export interface Gateway {
  readonly place: Extract<Place, { url: string }>;
  readonly daemon: TestDaemon;
}

/** How long the servers of a gateway may take to come up. */
const READY_MS = 60_000;

/** Starts a daemon in front of MCP servers, by name and as its configuration has them, and waits until all are ready; with other options of the plugin. */
export async function startGateway(
  servers: Readonly<Record<string, object>>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Gateway> {
  const daemon = await startTestDaemon({
    config: {
      tools: { approval: { destructive: 'allow' } },
      plugins: { 'storage-level': {}, 'auth-apikey': {}, mcp: { config: { servers, ...options } } },
    },
  });
  const place = { url: `${daemon.httpUrl}/mcp`, headers: { Authorization: `Bearer ${daemon.adminKey}` } };
  try {
    await allShown(rawModern(place), servers);
  } catch (error) {
    await daemon.kill();
    throw error;
  }
  return { daemon, place };
}

/** Waits until tools of every server are listed. */
async function allShown(client: RawClient, servers: Readonly<Record<string, object>>): Promise<void> {
  const prefixes = Object.entries(servers).map(([id, server]) => (server as { prefix?: string }).prefix ?? `${id}__`);
  let listed: RawAnswer = {};
  for (const until = Date.now() + READY_MS; Date.now() < until;) {
    listed = await client(1, 'tools/list', {});
    const names = (listed.result?.tools ?? []).map((tool) => tool.name);
    if (prefixes.every((prefix) => names.some((name) => name.startsWith(prefix)))) return;
    await delay(50);
  }
  throw new Error(`not all servers came up within ${READY_MS} ms: ${JSON.stringify(listed).slice(0, 2000)}`);
}

/** A gateway while `use` runs. */
export async function withGateway<T>(
  servers: Readonly<Record<string, object>>,
  use: (gateway: Gateway) => Promise<T>,
  options?: Readonly<Record<string, unknown>>,
): Promise<T> {
  const gateway = await startGateway(servers, options);
  try {
    return await use(gateway);
  } finally {
    await gateway.daemon.stop();
  }
}
