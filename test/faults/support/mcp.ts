import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon, type TestDaemon, type TestDaemonOptions } from '../../support/daemon.js';
import { RawConnection, type RawAnswer } from '../../support/raw-connection.js';
import { sleep } from './loops.js';

/** A legacy server that appends its process id to the file of its first argument and what it is sent to the second; `extra` runs first. */
export function mcpServer(extra: string): string {
  return `
const { appendFileSync } = require('node:fs');
const [starts, heard] = process.argv.slice(2);
appendFileSync(starts, process.pid + '\\n');
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
${extra}
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(heard, line + '\\n');
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'f', version: '1' } } });
  else if (method === 'tools/list') send({ id, result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }, { name: 'hang', inputSchema: { type: 'object' } }] } });
  else if (method === 'tools/call' && params.name === 'echo') send({ id, result: { content: [] } });
  else if (method === 'server/discover') send({ id, error: { code: -32601, message: 'no' } });
});
`;
}

/** A rule under which a server that keeps failing is given up within a moment. */
export const SOON = { intensity: 2, periodMs: 60_000, backoffMs: 10, maxBackoffMs: 20 };

/** A daemon with MCP servers that are scripts. */
export interface McpDaemon extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly client: RawConnection;
  /** How often a server was started: its process ids. */
  starts(server: string): Promise<readonly number[]>;
  /** Methods that it was sent. */
  heard(server: string): Promise<readonly string[]>;
  /** Events of the journal about MCP servers: name, server, reason. */
  events(): Promise<readonly (readonly [string, string, string | undefined])[]>;
  /** Resolves when a server that was started has its tools offered. */
  offered(server: string): Promise<void>;
  call(tool: string, timeoutMs?: number): Promise<RawAnswer>;
}

/** Starts it; daemon, servers and files are gone when it is disposed of. */
export async function mcpDaemon(
  servers: Readonly<Record<string, { readonly script: string; readonly config?: object }>>,
  limits: object = {},
  options: TestDaemonOptions = {},
): Promise<McpDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-fault-'));
  const file = (server: string, kind: string): string => join(folder, `${server}.${kind}`);
  const configured: Record<string, object> = {};
  for (const [server, { script, config }] of Object.entries(servers)) {
    await writeFile(file(server, 'cjs'), script);
    await writeFile(file(server, 'starts'), '');
    await writeFile(file(server, 'heard'), '');
    const args = ['cjs', 'starts', 'heard'].map((kind) => file(server, kind));
    configured[server] = { command: process.execPath, args, restart: SOON, stopTimeoutMs: 300, ...config };
  }
  const plugins = { mcp: { config: { servers: configured, limits } } };
  const daemon = await startTestDaemon({ ...options, config: { plugins } });
  const client = await RawConnection.open(daemon.url, daemon.adminKey);
  const lines = async (server: string, kind: string): Promise<readonly string[]> =>
    (await readFile(file(server, kind), 'utf8')).split('\n').filter((line) => line !== '');
  return {
    daemon,
    client,
    starts: async (server) => (await lines(server, 'starts')).map(Number),
    heard: async (server) =>
      (await lines(server, 'heard')).map((line) => (JSON.parse(line) as { method: string }).method),
    async events() {
      const actions = ['mcp.connected', 'mcp.disconnected', 'mcp.failed'];
      const { entries } = (await client.result('journal.read', { actions, limit: 1000 })) as {
        entries: readonly { action: string; details: { server: string; reason?: string } }[];
      };
      return entries.map(({ action, details }) => [action, details.server, details.reason] as const);
    },
    offered: (server) =>
      until(
        `${server} is offered`,
        async () => (await client.call('tool.call', { name: `${server}__echo` })).error === undefined,
      ),
    call: (name, timeoutMs = 20_000) => client.call('tool.call', { name, timeoutMs }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await daemon.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves once the condition holds; throws what it waited for when that takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it did not come to pass: ${what}`);
    await sleep(25);
  }
}

/** Ids of living processes whose command line holds this text. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    // One that ended meanwhile, or is not ours to look into, counts as gone.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (pid !== process.pid && line.includes(text)) found.push(pid);
  }
  return found;
}
