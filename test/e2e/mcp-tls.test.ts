import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate, type Certificate } from '../support/certificate.js';
import { startTestDaemon } from '../support/daemon.js';
import { McpClient, untilListed } from '../support/mcp-client.js';
import { MCP_ECHO_SERVER } from '../support/mcp-echo-server.js';

/** Serves with a certificate, and counts the requests that come through. */
async function serveTls({ cert, keyFile }: Certificate) {
  let requests = 0;
  const server = createServer({ cert, key: await readFile(keyFile) }, (_, response) => {
    requests += 1;
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    requests: () => requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe('an MCP server with TLS', () => {
  it('is spoken with by a certificate that the machine trusts and that is its own, else told nothing [MCP-190]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-tls-'));
    const made = async (name: string, address: string) => {
      await mkdir(join(folder, name));
      return makeCertificate(join(folder, name), address);
    };
    const right = await made('right', '127.0.0.1');
    const misnamed = await made('misnamed', '127.0.0.2');
    const untrusted = await made('untrusted', '127.0.0.1');
    const trusted = join(folder, 'trusted.pem');
    await writeFile(trusted, right.cert + misnamed.cert);
    const script = join(folder, 'echo.mjs');
    await writeFile(script, MCP_ECHO_SERVER);
    const [other, stranger] = [await serveTls(misnamed), await serveTls(untrusted)];
    const inner = await startTestDaemon({
      config: {
        http: { tls: { cert: right.certFile, key: `file:${right.keyFile}` } },
        plugins: {
          mcp: { config: { servers: { echo: { command: process.execPath, args: [script], prefix: '' } } } },
        },
      },
    });
    const headers = { authorization: 'env:INNER_KEY' };
    const servers = {
      right: { url: `${inner.httpUrl}/mcp`, headers },
      misnamed: { url: other.url, headers },
      untrusted: { url: stranger.url, headers },
    };
    const daemon = await startTestDaemon({
      config: { plugins: { mcp: { config: { servers } } } },
      env: { NODE_EXTRA_CA_CERTS: trusted, INNER_KEY: `Bearer ${inner.adminKey}` },
    });
    const admin = await connect({ url: daemon.url, token: daemon.adminKey });
    const client = new McpClient(daemon.httpUrl, daemon.adminKey);
    const why = async (name: string) => {
      for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
        const [status] = (await admin.call('mcp.status', { name })).servers;
        // While it tries again it is connecting, and has the reason of the try before.
        const given = status?.state === 'backoff' && status.reason !== undefined;
        if (given || Date.now() > until) return `${status?.state} ${status?.reason}`;
      }
    };
    try {
      await untilListed(client, 'right__echo');
      const called = await client.modern(1, 'tools/call', { name: 'right__echo', arguments: { a: 1 } });
      const refused = [await why('misnamed'), await why('untrusted')];
      expect(refused[0]).to.match(/^backoff .*altnames/i);
      expect(refused[1]).to.match(/^backoff .*self-signed certificate/);
      expect([called.text.includes('{\\"a\\":1}'), other.requests(), stranger.requests()]).to.deep.equal([true, 0, 0]);
    } finally {
      client.close();
      await admin.close();
      await daemon.stop();
      await inner.stop();
      await Promise.all([other.close(), stranger.close()]);
      await rm(folder, { recursive: true });
    }
  });
});
