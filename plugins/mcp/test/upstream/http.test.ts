import { expect } from 'chai';
import { AuthorizationServer, HeldAnswers } from '../oauth/authorization-server.js';
import { type Asked, httpFixture, json, LegacyHttp, ModernHttp } from './http-servers.js';
import type { ServerConfig } from '../../src/upstream/server-config.js';
import { call, eventually, failure, textOf, world } from './world.js';

const NOTHING: Pick<Asked, 'headers' | 'message'> = { headers: {}, message: { params: {} } };

describe('a legacy MCP server over streamable HTTP', () => {
  it('is greeted, given its session and version with each request, listened to, and its session ended [MCP-10]', async () => {
    const legacy = new LegacyHttp();
    await using fixture = await httpFixture(legacy.answer);
    {
      await using here = await world();
      const upstream = await here.ready('remote', { url: fixture.url });
      legacy.tools = ['echo', 'streamed'];
      await eventually('it is listened to', () => fixture.asked.some(({ method }) => method === 'GET'));
      legacy.tell({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      await eventually('the new tool is there', () => upstream.tools.length === 2);
      const progress: number[] = [];
      const streamed = await call(upstream, 'streamed', {}, { progress: (said) => progress.push(said.progress) });
      expect([upstream.era, upstream.protocolVersion, textOf(streamed), progress]).to.deep.equal([
        'legacy',
        '2025-06-18',
        'streamed',
        [1],
      ]);
    }
    const after = fixture.asked
      .slice(2)
      .map(({ headers }) => [headers['mcp-session-id'], headers['mcp-protocol-version']]);
    expect([
      after.every(([session, version]) => session === 'session-1' && version === '2025-06-18'),
      legacy.ended,
    ]).to.deep.equal([true, ['session-1']]);
  });

  it('is greeted anew when it has forgotten the session, and what it refused for that is sent again [MCP-11]', async () => {
    const legacy = new LegacyHttp();
    await using fixture = await httpFixture(legacy.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    legacy.sessions.clear();
    expect([textOf(await call(upstream, 'echo', { a: 1 })), [...legacy.sessions]]).to.deep.equal([
      '{"a":1}',
      ['session-2'],
    ]);
  });

  it('has a stream that breaks off gone on with from its last event [MCP-12]', async () => {
    const legacy = new LegacyHttp();
    await using fixture = await httpFixture(legacy.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    expect(textOf(await call(upstream, 'cut'))).to.equal('resumed');
  });

  it('is told of a cancellation by a notification [MCP-13]', async () => {
    const legacy = new LegacyHttp();
    await using fixture = await httpFixture(legacy.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await failure(call(upstream, 'never', {}, { timeoutMs: 3_000 }));
    const told = () => fixture.asked.find(({ message }) => message.method === 'notifications/cancelled');
    await eventually('it was told', () => told() !== undefined);
    const called = fixture.asked.find(({ message }) => message.params.name === 'never');
    expect(told()?.message.params.requestId).to.equal(called?.message.id);
  });
});

describe('a modern MCP server over streamable HTTP', () => {
  it('is discovered, and told in each request what the protocol wants in headers and _meta [MCP-14]', async () => {
    const modern = new ModernHttp();
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await call(
      upstream,
      'echo',
      { a: 1 },
      {
        clientCapabilities: { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {}, 'x/y': {} } },
        meta: { traceparent: 'x' },
        logLevel: 'info',
      },
    );
    const { headers, message } = fixture.asked.at(-1) ?? NOTHING;
    const meta = message.params._meta ?? {};
    expect({
      era: upstream.era,
      serverInfo: upstream.serverInfo,
      greetings: fixture.asked.filter((asked) => asked.message.method === 'initialize').length,
      headers: ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id', 'accept'].map(
        (name) => headers[name],
      ),
      meta: [
        ...['protocolVersion', 'clientCapabilities', 'logLevel'].map((key) => meta[`io.modelcontextprotocol/${key}`]),
        meta.traceparent,
      ],
    }).to.deep.equal({
      era: 'modern',
      serverInfo: { name: 'modern-http', version: '2.0.0' },
      greetings: 0,
      headers: ['2026-07-28', 'tools/call', 'echo', undefined, 'application/json, text/event-stream'],
      meta: [
        '2026-07-28',
        { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {}, 'x/y': {} } },
        'info',
        'x',
      ],
    });
  });

  it('is listened to for changes and resources over one stream [MCP-15]', async () => {
    const modern = new ModernHttp();
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await eventually('it is listened to', () => modern.filter !== undefined);
    const first = modern.filter;
    const heard: unknown[] = [];
    const leave = await upstream.subscribeResource('memo://1', ({ uri }) => heard.push(uri));
    await eventually('the resource is listened to', () => JSON.stringify(modern.filter).includes('memo://1'));
    modern.tools = [...modern.tools, { name: 'new', inputSchema: { type: 'object' } }];
    modern.tell({ method: 'notifications/tools/list_changed' });
    modern.tell({ method: 'notifications/resources/updated', params: { uri: 'memo://1' } });
    await eventually('both were heard', () => heard.length === 1 && upstream.tools.length === 2);
    await leave();
    expect([first, heard]).to.deep.equal([{ toolsListChanged: true }, ['memo://1']]);
  });

  it('has its stream closed when a call is canceled [MCP-16]', async () => {
    const modern = new ModernHttp();
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await failure(call(upstream, 'never', {}, { timeoutMs: 3_000 }));
    await eventually('it saw that', () => modern.closed.includes('never'));
    expect(fixture.asked.filter(({ message }) => message.method === 'notifications/cancelled')).to.deep.equal([]);
  });

  it('has listings read again when their time is over, after a reconnect as before [MCP-39]', async () => {
    const modern = new ModernHttp();
    modern.ttlMs = 1_000;
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await here.servers.restart('remote');
    await eventually('it is there again', () => upstream.state === 'ready');
    modern.tools = [...modern.tools, { name: 'new', inputSchema: { type: 'object' } }];
    await eventually('the new tool is there', () => upstream.tools.length === 2);
  });

  it('may want input, and is answered in the round trip that goes on [MCP-17]', async () => {
    const modern = new ModernHttp();
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    const asked = await call(upstream, 'question');
    const answered = await call(
      upstream,
      'question',
      {},
      { continuation: { inputResponses: { who: { action: 'accept' } }, requestState: 'sealed' } },
    );
    expect([asked.kind === 'result' && asked.result.resultType, textOf(answered)]).to.deep.equal([
      'input_required',
      '{"who":{"action":"accept"}}',
    ]);
  });

  it('is told arguments in headers where a schema says so; tools that say so wrongly are left out [MCP-18]', async () => {
    const modern = new ModernHttp();
    const property = (type: string, header: string) => ({ type, 'x-mcp-header': header });
    modern.tools = [
      {
        name: 'query',
        inputSchema: {
          type: 'object',
          properties: {
            region: property('string', 'Region'),
            deep: { type: 'object', properties: { n: property('integer', 'N') } },
          },
        },
      },
      { name: 'number', inputSchema: { type: 'object', properties: { n: property('number', 'N') } } },
      {
        name: 'items',
        inputSchema: { type: 'object', properties: { list: { type: 'array', items: property('string', 'L') } } },
      },
      {
        name: 'twice',
        inputSchema: { type: 'object', properties: { a: property('string', 'A'), b: property('string', 'a') } },
      },
      { name: 'space', inputSchema: { type: 'object', properties: { a: property('string', 'A B') } } },
    ];
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url });
    await call(upstream, 'query', { region: 'Hello, 世界', deep: { n: 42 } });
    const { headers } = fixture.asked.at(-1) ?? NOTHING;
    expect({
      tools: upstream.tools.map(({ name }) => name),
      refused: here.servers.status()[0]?.refused.map(({ name }) => name),
      headers: [headers['mcp-param-region'], headers['mcp-param-n']],
    }).to.deep.equal({
      tools: ['query'],
      refused: ['number', 'items', 'twice', 'space'],
      headers: ['=?base64?SGVsbG8sIOS4lueVjA==?=', '42'],
    });
  });

  it('without a version in common is not connected to, and says which it has [MCP-19]', async () => {
    const modern = new ModernHttp();
    modern.versions = ['2031-01-01'];
    await using fixture = await httpFixture(modern.answer);
    await using here = await world();
    await here.servers.add('remote', { url: fixture.url });
    await eventually('it was tried', () => here.servers.status()[0]?.lastError !== undefined);
    expect(here.servers.status()[0]?.lastError).to.equal(
      'Unavailable: the server speaks "2031-01-01"; we speak "2026-07-28"',
    );
  });
});

describe('an MCP server over HTTP that is away', () => {
  it('is tried again until it is there, and its era found out again when what was remembered fails [MCP-20]', async () => {
    const legacy = new LegacyHttp();
    const modern = new ModernHttp();
    let now: 'away' | 'legacy' | 'modern' = 'away';
    await using fixture = await httpFixture((asked, response) => {
      if (now === 'away') json(response, 503, {});
      else if (now === 'legacy') legacy.answer(asked, response);
      else modern.answer(asked, response);
    });
    await using here = await world();
    await here.servers.add('remote', { url: fixture.url, restart: { backoffMs: 10, maxBackoffMs: 50 } });
    const upstream = here.servers.get('remote');
    await eventually('it is away', () => upstream?.state === 'backoff');
    const refused = await failure(upstream === undefined ? Promise.resolve() : call(upstream, 'echo'));
    now = 'legacy';
    await eventually('it is there', () => upstream?.state === 'ready');
    const before = upstream?.era;
    now = 'modern';
    await here.servers.restart('remote');
    await eventually('it is there again', () => upstream?.state === 'ready' && upstream.era === 'modern');
    expect([refused.startsWith('Unavailable: MCP server "remote" is '), before]).to.deep.equal([true, 'legacy']);
  });

  it('is sent the secrets that its headers refer to, read again when it refuses them [MCP-21]', async () => {
    const modern = new ModernHttp();
    await using fixture = await httpFixture((asked, response) => {
      if (asked.headers.authorization !== 'what env:TOKEN says') json(response, 401, {});
      else modern.answer(asked, response);
    });
    await using here = await world();
    const upstream = await here.ready('remote', { url: fixture.url, headers: { authorization: 'env:TOKEN' } });
    const literal = await failure(
      here.servers.add('other', { url: fixture.url, headers: { authorization: 'Bearer x' } }),
    );
    expect([textOf(await call(upstream, 'echo', {})), literal]).to.deep.equal([
      '{}',
      'Invalid params: plugins.mcp.config.servers.other.headers.authorization: expected a reference (file:/path, env:NAME or credential:NAME), not the secret itself',
    ]);
  });

  it('whose tools cannot be offered leaves its name free [MCP-198]', async () => {
    await using here = await world();
    const modern = new ModernHttp();
    await using fixture = await httpFixture((asked, response) => modern.answer(asked, response));
    const { url } = fixture;
    const provider = { id: 'mcp/remote', prefix: '', invoke: () => Promise.reject(new Error('it is of another')) };
    here.offers.set(provider.id, { provider, definitions: [], available: true });
    const refused = await failure(here.servers.add('remote', { url }));
    here.offers.clear();
    const { state } = await here.ready('remote', { url });
    expect([refused, state]).to.deep.equal(['Conflict: mcp/remote is there already', 'ready']);
  });

  it('goes only once the token that it is just being given came, which is revoked with it [MCP-200]', async () => {
    const held = new HeldAnswers('/token');
    held.hold();
    const issuing = await AuthorizationServer.start({ answers: held.answers });
    try {
      await using fixture = await httpFixture((_, response) => void response.writeHead(401).end());
      await using here = await world({}, [issuing.host]);
      const { issuer } = issuing;
      const machine = { grant: 'client_credentials', issuer, clientId: 'machine', clientSecret: 'env:SECRET' } as const;
      await here.servers.add('remote', { url: fixture.url, authorization: machine });
      await held.asked;
      const gone = here.servers.remove('remote');
      held.answer();
      await gone;
      expect([issuing.parametersOf('/token').length, issuing.tokens.size]).to.deep.equal([1, 0]);
    } finally {
      await issuing.close();
    }
  });

  it('is not taken with credentials that cannot be used, or are no references [MCP-186]', async () => {
    await using here = await world();
    const refused = (authorization: Required<ServerConfig>['authorization']) =>
      failure(here.servers.add('other', { url: 'https://other.example/mcp', authorization }));
    const [issuer, clientId] = ['https://login.example', 'orchestrator'];
    const [clientSecret, clientKey] = ['env:SECRET', 'env:KEY'];
    const said = [
      await refused({ clientId }),
      await refused({ issuer, clientKey }),
      await refused({ issuer, clientId, clientSecret, clientKey }),
      await refused({ issuer, clientId, clientSecret, clientKeyId: 'one' }),
      await refused({ issuer, clientId, grant: 'client_credentials' }),
      await refused({ issuer, clientId, clientKey: '-----BEGIN PRIVATE KEY-----' }),
      await refused({ issuer, clientId, clientSecret: 'hush' }),
    ];
    const notReference = 'expected a reference (file:/path, env:NAME or credential:NAME), not the secret itself';
    expect(said.map((text) => text.replace('Invalid params: plugins.mcp.config.servers.other.', ''))).to.deep.equal([
      'authorization.issuer is missing: whom was clientId registered at?',
      'authorization.clientId is missing: whose secret is it?',
      'authorization.clientSecret and clientKey are two ways: keep one',
      'authorization.clientKey is missing: which key is clientKeyId of?',
      'authorization.clientSecret or clientKey is missing: client_credentials needs one',
      `authorization.clientKey: ${notReference}`,
      `authorization.clientSecret: ${notReference}`,
    ]);
  });

  it('is sent configured headers beside ours, each once, and none that say how a message is read [MCP-179]', async () => {
    const modern = new ModernHttp();
    await using fixture = await httpFixture((asked, response) => modern.answer(asked, response));
    await using here = await world();
    const headers = { Accept: 'text/plain', 'Content-Type': 'text/plain', 'X-Team': 'a' };
    const upstream = await here.ready('remote', { url: fixture.url, headers });
    await call(upstream, 'echo', {});
    const sent = fixture.asked.at(-1)?.headers ?? {};
    const refused = ['Host', 'Content-Length', 'connection', 'TE'].map((name) =>
      failure(here.servers.add('other', { url: fixture.url, headers: { [name]: 'x' } })),
    );
    expect([
      sent.accept,
      sent['content-type'],
      sent['x-team'],
      (await Promise.all(refused)).map((text) => text.split(' ')[2]),
    ]).to.deep.equal([
      'application/json, text/event-stream',
      'application/json',
      'a',
      ['Host', 'Content-Length', 'connection', 'TE'].map((name) => `plugins.mcp.config.servers.other.headers.${name}`),
    ]);
  });
});

describe('a URL that leads to no MCP server', () => {
  const reasonOf = async (answer: Parameters<typeof httpFixture>[0]) => {
    await using fixture = await httpFixture(answer);
    await using here = await world();
    await here.servers.add('remote', { url: fixture.url, restart: { backoffMs: 60_000, maxBackoffMs: 60_000 } });
    await eventually('it is given up for now', () => here.servers.status()[0]?.state === 'backoff');
    return here.servers.status()[0]?.reason?.replace('Unavailable: ', '');
  };

  it('is told from a server of the HTTP+SSE transport, for which the way out is named [MCP-195]', async () => {
    const old = (post: number) =>
      reasonOf(({ method }, response) => {
        if (method === 'POST') {
          response.writeHead(post).end('Method Not Allowed');
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: endpoint\ndata: /messages?sessionId=1\n\n');
      });
    const itIs =
      'the server speaks the HTTP+SSE transport of 2024-11-05, which the daemon does not: give the URL of its streamable HTTP endpoint (often /mcp instead of /sse), or run a bridge to it as a server over stdio';
    expect([await old(405), await old(404)]).to.deep.equal([itIs, itIs]);
  });

  it('is said to be that, and where it is where it says so [MCP-195]', async () => {
    const answered = (status: number, headers = {}) =>
      reasonOf((_, response) => void response.writeHead(status, headers).end('<html>'));
    const answers = [
      await answered(404),
      await answered(308, { location: 'https://mcp.example/mcp?key=secret#x' }),
      await answered(302, { location: 'https://login.example/?state=secret' }),
    ];
    expect(answers).to.deep.equal([
      'the server answered HTTP 404 to initialize: is this the URL of its MCP endpoint, often with the path /mcp?',
      'the server answered HTTP 308: it is at https://mcp.example/mcp; give the URL of the MCP endpoint itself',
      'the server answered HTTP 302: it leads elsewhere; give the URL of the MCP endpoint itself',
    ]);
  });
});
