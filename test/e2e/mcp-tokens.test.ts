import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { orchestrator } from '../support/command-line.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { startGuardedServer } from '../support/guarded-server.js';
import { keyFor, McpClient, untilListed } from '../support/mcp-client.js';
import { startTokenIssuer } from '../support/token-issuer.js';

describe('access tokens at a daemon', () => {
  it('open /mcp beside API keys, and no other door; who lacks one is told where to get it [MCP-123]', async () => {
    const issuer = await startTokenIssuer();
    const accessTokens = { issuers: { login: { issuer: issuer.url, scopes: { 'mcp:use': ['agent'] } } } };
    const daemon = await startTestDaemon({ config: { plugins: { mcp: { config: { accessTokens } } } } });
    try {
      const at = `${daemon.httpUrl}/mcp`;
      const token = issuer.token(at, 'mcp:use');
      const status = async (key: string, path = '/mcp') => {
        const client = new McpClient(daemon.httpUrl, key, path);
        const answer = await client.modern(1, 'tools/list');
        client.close();
        return `${answer.status} ${String(answer.headers['www-authenticate'] ?? '')}`.trimEnd();
      };
      const metadata = (await (
        await fetch(`${daemon.httpUrl}/.well-known/oauth-protected-resource/mcp`)
      ).json()) as object;
      const challenge = `resource_metadata="${daemon.httpUrl}/.well-known/oauth-protected-resource/mcp", scope="mcp:use"`;
      const session = await connect({ url: daemon.url, token }).then(
        (client) => client.close().then(() => 'open'),
        () => 'refused',
      );
      const metrics = await fetch(`${daemon.httpUrl}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      expect({
        token: await status(token),
        key: await status(await keyFor(daemon, 'ben')),
        wrong: await status(token.slice(0, -4)),
        forSet: await status(token, '/mcp/coding'),
        scopeless: await status(issuer.token(at, 'email')),
        inQuery: (await fetch(`${at}?access_token=${token}`, { method: 'POST', body: '{}' })).status,
        elsewhere: [session, metrics.status],
        metadata,
      }).to.deep.equal({
        token: '200',
        key: '200',
        wrong: `401 Bearer error="invalid_token", ${challenge}`,
        forSet: `401 Bearer error="invalid_token", ${challenge.replace('/mcp"', '/mcp/coding"')}`,
        scopeless: `403 Bearer error="insufficient_scope", ${challenge}`,
        inQuery: 401,
        elsewhere: ['refused', 401],
        metadata: {
          resource: at,
          authorization_servers: [issuer.url],
          scopes_supported: ['mcp:use'],
          bearer_methods_supported: ['header'],
          resource_name: 'AI Orchestrator',
        },
      });
    } finally {
      await daemon.kill();
      await issuer.close();
    }
  });

  it('and keys of callers are never sent to a server, which gets tokens of its own [MCP-124]', async () => {
    const issuer = await startTokenIssuer();
    const guarded = await startGuardedServer(issuer.url);
    const accessTokens = { issuers: { login: { issuer: issuer.url, scopes: { 'mcp:use': ['agent'] } } } };
    const authorization = {
      grant: 'client_credentials',
      issuer: issuer.url,
      clientId: 'orchestrator',
      clientSecret: 'env:GUARDED_SECRET',
    };
    const outbound = { allowedHosts: [issuer.url.slice('http://'.length)] };
    const servers = { guarded: { url: `${guarded.url}/mcp`, authorization } };
    const daemon = await startTestDaemon({
      config: {
        plugins: { mcp: { config: { servers, outbound, accessTokens } } },
        tools: { grants: [{ roles: ['agent'], tools: ['*'] }] },
      },
      env: { GUARDED_SECRET: 's3cret' },
    });
    try {
      const keys = [issuer.token(`${daemon.httpUrl}/mcp`, 'mcp:use'), await keyFor(daemon, 'ben')];
      const answers = [];
      for (const key of keys) {
        const client = new McpClient(daemon.httpUrl, key);
        await untilListed(client, 'guarded__hello');
        answers.push(
          (await client.modern(2, 'tools/call', { name: 'guarded__hello', arguments: {} })).text.includes('"hello"'),
        );
        client.close();
      }
      expect({
        answers,
        leaked: guarded.sent.filter((one) => keys.some((key) => one.includes(key))).length,
        authorizations: [...guarded.authorizations],
      }).to.deep.equal({
        answers: [true, true],
        leaked: 0,
        authorizations: ['none', 'Bearer own-1-for-s3cret'],
      });
    } finally {
      await daemon.kill();
      await guarded.close();
      await issuer.close();
    }
  });

  it('are asked for by callers for themselves where they may use the server and it has them per caller [MCP-172]', async () => {
    const issuer = await startTokenIssuer();
    const guarded = await startGuardedServer(issuer.url);
    const outbound = { allowedHosts: [issuer.url.slice('http://'.length)] };
    const url = `${guarded.url}/mcp`;
    const servers = {
      own: { url, instances: 'per-caller' },
      shared: { url },
      hidden: { url, instances: 'per-caller' },
    };
    const grants = [{ roles: ['agent'], providers: ['mcp/own', 'mcp/shared'] }];
    const config = { tools: { grants }, plugins: { mcp: { config: { servers, outbound } } } };
    const daemon = await startTestDaemon({ config });
    const ana = await connect({ url: daemon.url, token: await keyFor(daemon, 'ana') });
    const asked = (name: string, principal?: string) =>
      ana.call('mcp.authorize', { name, ...(principal !== undefined && { principal }) }).then(
        ({ url: where }) => new URL(where).origin,
        (error: unknown) => (error as { errorName?: string }).errorName,
      );
    const admin = await connect({ url: daemon.url, token: daemon.adminKey });
    const isMet = async () => {
      const { servers: found } = await admin.call('mcp.status', { name: 'own' });
      return found[0]?.authorization?.state === 'needs-authorization';
    };
    try {
      while (!(await isMet())) await new Promise((resolve) => setTimeout(resolve, 50));
      expect({
        own: await asked('own'),
        named: await asked('own', 'ana'),
        another: await asked('own', 'ben'),
        shared: await asked('shared'),
        hidden: await asked('hidden'),
        none: await asked('none'),
      }).to.deep.equal({
        own: issuer.url,
        named: issuer.url,
        another: 'permission_denied',
        shared: 'permission_denied',
        hidden: 'not_found',
        none: 'not_found',
      });
    } finally {
      await Promise.all([ana.close(), admin.close()]);
      await daemon.kill();
      await guarded.close();
      await issuer.close();
    }
  });

  it('come from a person who says yes in a browser, and the server’s tools are there [MCP-125]', async () => {
    const issuer = await startTokenIssuer();
    const guarded = await startGuardedServer(issuer.url);
    const outbound = { allowedHosts: [issuer.url.slice('http://'.length)] };
    const servers = { guarded: { url: `${guarded.url}/mcp` } };
    const daemon = await startTestDaemon({ config: { plugins: { mcp: { config: { servers, outbound } } } } });
    const admin = await connect({ url: daemon.url, token: daemon.adminKey });
    const state = async () => {
      const { servers: found } = await admin.call('mcp.status', { name: 'guarded' });
      return [found[0]?.state, found[0]?.authorization?.state];
    };
    try {
      while ((await state())[1] !== 'needs-authorization') await new Promise((resolve) => setTimeout(resolve, 50));
      const env = { ORCHESTRATOR_URL: daemon.url, ORCHESTRATOR_TOKEN: daemon.adminKey };
      const url = (await orchestrator(['mcp', 'authorize', 'guarded'], { env })).stdout.trim();
      const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
      const pages = [];
      for (const one of [back, back, `${daemon.httpUrl}/mcp/oauth/callback?state=<b>&error=<b>`]) {
        const page = await fetch(one);
        pages.push([page.status, /<h1>(.*)<\/h1>/.exec(await page.text())?.[1]]);
      }
      const client = new McpClient(daemon.httpUrl, daemon.adminKey);
      await untilListed(client, 'guarded__hello');
      client.close();
      const { entries } = await admin.call('journal.read', { actions: ['mcp.authorized'], limit: 10 });
      const logged = daemon.logs().map((line) => JSON.stringify(line));
      expect({
        pages,
        state: await state(),
        records: entries.map(({ resource, details }) => [resource, details]),
        logged: logged.filter((line) => /own-\d|a-code|code_verifier/.test(line)),
      }).to.deep.equal({
        pages: [
          [200, 'Authorized'],
          [400, 'Not authorized'],
          [400, 'Not authorized'],
        ],
        state: ['ready', 'authorized'],
        records: [['mcp/guarded', { server: 'guarded', issuer: issuer.url }]],
        logged: [],
      });
    } finally {
      await admin.close();
      await daemon.kill();
      await guarded.close();
      await issuer.close();
    }
  });

  it('are revoked when their server is removed, or went while the daemon was down; the journal says so [MCP-188]', async () => {
    const issuer = await startTokenIssuer();
    const guarded = await startGuardedServer(issuer.url);
    const authorization = {
      grant: 'client_credentials' as const,
      issuer: issuer.url,
      clientId: 'orchestrator',
      clientSecret: 'env:GUARDED_SECRET',
    };
    const outbound = { allowedHosts: [issuer.url.slice('http://'.length)] };
    const server = { url: `${guarded.url}/mcp`, authorization };
    const env = { GUARDED_SECRET: 's3cret' };
    const config = (servers: object) => ({ plugins: { mcp: { config: { servers, outbound } } } });
    const daemon = await startTestDaemon({ config: config({ kept: server }), env });
    const recordsOf = async (at: TestDaemon, count: number) => {
      const admin = await connect({ url: at.url, token: at.adminKey });
      try {
        for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
          const { entries } = await admin.call('journal.read', { actions: ['mcp.revoked'], limit: 10 });
          if (entries.length >= count || Date.now() > until)
            return entries.map(({ details, outcome }) => [details, outcome]);
        }
      } finally {
        await admin.close();
      }
    };
    let again: TestDaemon | undefined;
    try {
      const admin = await connect({ url: daemon.url, token: daemon.adminKey });
      const client = new McpClient(daemon.httpUrl, daemon.adminKey);
      await untilListed(client, 'kept__hello');
      await admin.call('mcp.add', { name: 'removed', server });
      await untilListed(client, 'removed__hello');
      client.close();
      await admin.call('mcp.remove', { name: 'removed' });
      await admin.close();
      const first = await recordsOf(daemon, 1);
      await daemon.kill('keep');
      again = await startTestDaemon({ dataDir: daemon.dataDir, config: config({}), env });
      expect([first, await recordsOf(again, 2), [...issuer.revoked].sort()]).to.deep.equal([
        [[{ server: 'removed', revoked: 1, unrevoked: 0 }, 'success']],
        [
          [{ server: 'removed', revoked: 1, unrevoked: 0 }, 'success'],
          [{ server: 'kept', revoked: 1, unrevoked: 0 }, 'success'],
        ],
        ['own-1-for-s3cret', 'own-2-for-s3cret'],
      ]);
    } finally {
      await daemon.kill();
      await again?.kill();
      await guarded.close();
      await issuer.close();
    }
  });
});
