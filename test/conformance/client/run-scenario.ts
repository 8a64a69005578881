import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { play } from './play.js';
import { putBehind, type RunningGateway } from './put-behind.js';
import { registered } from './registered.js';

/** Puts the suite's server behind a gateway that runs already, and does through it what the scenario of the environment asks for. */
export async function runScenario(
  gateway: RunningGateway,
  server: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const scenario = environment.MCP_CONFORMANCE_SCENARIO ?? '';
  const context = JSON.parse(environment.MCP_CONFORMANCE_CONTEXT ?? '{}') as Readonly<Record<string, unknown>>;
  const id = `s${randomBytes(4).toString('hex')}`;
  const secrets = await mkdtemp(join(tmpdir(), 'orchestrator-conformance-'));
  const behind = await putBehind(gateway, id, server, await registered(server, scenario, context, secrets));
  const client = new Client(
    { name: 'conformance', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode: environment.MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? 'auto' : 'legacy' },
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
}
