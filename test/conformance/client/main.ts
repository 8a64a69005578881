// What the official suite runs as the client under test: it puts the suite's server behind a gateway that runs already, and does through it
// what the scenario asks for. Arguments: the server's URL. Environment: MCP_GATEWAY, a JSON object of url, rpc and key.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { play } from './play.js';
import { putBehind } from './put-behind.js';
import { registered } from './registered.js';

const server = process.argv[2] ?? '';
const gateway = JSON.parse(process.env.MCP_GATEWAY ?? '{}') as { url: string; rpc: string; key: string };
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as Readonly<Record<string, unknown>>;

const id = `s${randomBytes(4).toString('hex')}`;
const secrets = await mkdtemp(join(tmpdir(), 'orchestrator-conformance-'));
const behind = await putBehind(gateway, id, server, await registered(server, context, secrets));
const client = new Client(
  { name: 'conformance', version: '1.0.0' },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    versionNegotiation: { mode: process.env.MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? 'auto' : 'legacy' },
  },
);
try {
  await client.connect(
    new StreamableHTTPClientTransport(new URL(gateway.url), {
      requestInit: { headers: { Authorization: `Bearer ${gateway.key}` } },
    }),
  );
  await play(client, `${id}__`, scenario, context, () => behind.ready());
} finally {
  await client.close();
  await behind.remove();
  await rm(secrets, { recursive: true });
}
