import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startTestDaemon } from '../support/daemon.js';

const built = fileURLToPath(new URL('../../../protocol/dist/src/', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Serves the built client as it is, and an empty page. */
async function startPages() {
  const server = createServer((request, response) => {
    const path = normalize(request.url ?? '/');
    if (path === '/') {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>client</title>');
      return;
    }
    readFile(join(built, path)).then(
      (file) => response.setHeader('content-type', 'text/javascript').end(file),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('client in a browser', () => {
  it('logs in, calls, and answers as an agent, from the built files as they are [CLIENT-32]', async () => {
    const pages = await startPages();
    const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const daemon = await startTestDaemon({ config: { http: { allowedOrigins: [origin] } } });
    const profile = await mkdtemp(join(tmpdir(), 'orchestrator-chromium-'));
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
    });
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      const script = `(async () => {
        const { connect } = await import('/client/index.js');
        const client = await connect(${JSON.stringify({ url: daemon.url, token: daemon.adminKey })});
        const ping = await client.call('daemon.ping', { echo: 'hello' });
        const card = { name: 'Page', version: '1.0.0' };
        await client.agent({ agentId: 'page', card, skills: { page: { handler: (text) => text + '!' } } });
        const answer = await client.request({ skill: 'page' }, 'hello');
        const kind = client.session.principal.kind;
        await client.close();
        return { ping, answer, kind, state: client.connection.state };
      })()`;
      expect(await page.evaluate(script)).to.deep.equal({
        ping: { pong: true, echo: 'hello' },
        answer: { agent: 'page', payload: 'hello!' },
        kind: 'user',
        state: 'closed',
      });
    } finally {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
      await daemon.stop();
      pages.closeAllConnections();
      pages.close();
    }
  });
});
