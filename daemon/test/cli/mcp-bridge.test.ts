import { expect } from 'chai';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BRIDGE_LIMITS, type BridgeLimits } from '../../src/cli/mcp-bridge/bridge-limits.js';
import { McpBridge } from '../../src/cli/mcp-bridge/mcp-bridge.js';

interface Message {
  readonly [member: string]: unknown;
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Message;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Seen {
  readonly verb: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: Message | undefined;
}

type Answering = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void;

/** An MCP endpoint that answers as a test says, and what it was asked. */
class Endpoint {
  readonly seen: Seen[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(answering: Answering, port = 0): Promise<Endpoint> {
    const server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const message = body === '' ? undefined : (JSON.parse(body) as Message);
        const seen = { verb: request.method ?? '', headers: request.headers, message };
        endpoint.seen.push(seen);
        answering(seen, response, request);
      })();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = new Endpoint(server, (server.address() as AddressInfo).port);
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}/mcp`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A client of a bridge. */
class Client {
  readonly input = new PassThrough();
  readonly notes: string[] = [];
  readonly received: Message[] = [];
  readonly running: Promise<void>;
  readonly #output = new PassThrough();
  #text = '';

  constructor(url: string, limits: Partial<BridgeLimits> = {}) {
    this.#output.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
      const lines = this.#text.split('\n');
      this.#text = lines.pop() ?? '';
      for (const line of lines) this.received.push(JSON.parse(line) as Message);
    });
    const ends = {
      input: this.input,
      output: this.#output,
      address: () => Promise.resolve({ url, token: 'orc_key' }),
      note: (text: string) => void this.notes.push(text),
      signal: new AbortController().signal,
    };
    const quick = { unreachableMs: 200, reopenMs: { least: 10, most: 50 } };
    this.running = new McpBridge(ends, { ...BRIDGE_LIMITS, ...quick, ...limits }).run();
  }

  say(message: Message): void {
    this.input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** What was received, once it is enough. */
  async until(enough: (received: readonly Message[]) => boolean): Promise<readonly Message[]> {
    await eventually(() => enough(this.received));
    return this.received;
  }

  async end(): Promise<void> {
    this.input.end();
    await this.running;
  }
}

async function eventually(holds: () => boolean): Promise<void> {
  const until = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > until) throw new Error('it did not come to that');
    await delay(5);
  }
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

function json(response: ServerResponse, message: unknown, status = 200, headers = {}): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json', ...headers })
    .end(JSON.stringify(message, undefined, 2));
}

function events(response: ServerResponse, ...messages: unknown[]): void {
  if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const message of messages) response.write(`data: ${JSON.stringify(message)}\n\n`);
}

/** A legacy server whose sessions are forgotten when a test says so. */
function legacyServer() {
  const sessions = new Set<string>();
  const streams: ServerResponse[] = [];
  let made = 0;
  const answer: Answering = ({ verb, headers, message }, response) => {
    const session = headers['mcp-session-id'];
    if (message?.method === 'initialize') {
      const id = `s${String(++made)}`;
      sessions.add(id);
      const result = { protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true } }, serverInfo: {} };
      json(response, { jsonrpc: '2.0', id: message.id, result }, 200, { 'Mcp-Session-Id': id });
    } else if (!sessions.has(String(session))) response.writeHead(404).end('no such session');
    else if (verb === 'GET') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': open\n\n');
      streams.push(response);
    } else if (verb === 'DELETE') {
      sessions.delete(String(session));
      response.writeHead(200).end();
    } else if (message?.id === undefined || message.method === undefined) response.writeHead(202).end();
    else if (message.method === 'slow')
      events(response, { jsonrpc: '2.0', method: 'notifications/progress', params: {} });
    else events(response, { jsonrpc: '2.0', id: message.id, result: { session } });
  };
  return { answer, sessions, streams };
}

function initialize(client: Client): void {
  client.say({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} },
  });
  client.say({ method: 'notifications/initialized' });
}

describe('McpBridge', () => {
  it('sends requests of the modern era with headers that say what is in them, and answers each on one line [MCP-140]', async () => {
    const endpoint = await Endpoint.open(({ message }, response) => {
      json(response, { jsonrpc: '2.0', id: message?.id, result: { resultType: 'complete', text: 'a\nb' } });
    });
    const client = new Client(endpoint.url);
    client.say({ id: 'a', method: 'tools/call', params: { name: 'grüßen', arguments: {}, _meta: META } });
    client.say({ id: 2, method: 'resources/read', params: { uri: 'file:///x', _meta: META } });
    const received = await client.until(({ length }) => length === 2);
    await client.end();
    await endpoint.close();

    const result = { resultType: 'complete', text: 'a\nb' };
    expect([...received].sort((a, b) => String(a.id).localeCompare(String(b.id)))).to.deep.equal([
      { jsonrpc: '2.0', id: 2, result },
      { jsonrpc: '2.0', id: 'a', result },
    ]);
    const sent = endpoint.seen.map(({ headers }) => ({
      key: headers.authorization,
      version: headers['mcp-protocol-version'],
      method: headers['mcp-method'],
      name: headers['mcp-name'],
    }));
    const all = { key: 'Bearer orc_key', version: '2026-07-28' };
    expect(sent.sort((a, b) => String(a.method).localeCompare(String(b.method)))).to.deep.equal([
      { ...all, method: 'resources/read', name: 'file:///x' },
      { ...all, method: 'tools/call', name: `=?base64?${Buffer.from('grüßen').toString('base64')}?=` },
    ]);
  });

  it('repeats parameters in headers where a schema asks for it, though the client never listed the tools [MCP-141]', async () => {
    const inputSchema = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } };
    const endpoint = await Endpoint.open(({ message, headers }, response) => {
      const { id, method } = message ?? {};
      if (method === 'tools/list')
        json(response, { jsonrpc: '2.0', id, result: { tools: [{ name: 't', inputSchema }] } });
      else if (headers['mcp-param-region'] === undefined)
        json(response, { jsonrpc: '2.0', id, error: { code: -32020, message: 'no' } }, 400);
      else json(response, { jsonrpc: '2.0', id, result: { region: headers['mcp-param-region'] } });
    });
    const client = new Client(endpoint.url);
    client.say({ id: 1, method: 'tools/call', params: { name: 't', arguments: { region: 'eu' }, _meta: META } });
    const received = await client.until(({ length }) => length === 1);
    await client.end();
    await endpoint.close();
    expect(received).to.deep.equal([{ jsonrpc: '2.0', id: 1, result: { region: 'eu' } }]);
  });

  it('cancels a modern request by closing its stream, and says nothing more about it [MCP-142]', async () => {
    let closed = false;
    const endpoint = await Endpoint.open((_, response) => {
      response.on('close', () => (closed = true));
      events(response, { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } });
    });
    const client = new Client(endpoint.url);
    client.say({ id: 1, method: 'tools/call', params: { name: 't', _meta: META } });
    await client.until(({ length }) => length === 1);
    client.say({ method: 'notifications/cancelled', params: { requestId: 1 } });
    await eventually(() => closed);
    await client.end();
    await endpoint.close();
    expect(client.received).to.deep.equal([
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } },
    ]);
  });

  it('opens a stream of notifications again that broke, and says what may have changed meanwhile [MCP-143]', async () => {
    const streams: ServerResponse[] = [];
    const params = {
      _meta: { 'io.modelcontextprotocol/subscriptionId': 7 },
      notifications: { toolsListChanged: true },
    };
    const acknowledged = { jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params };
    const endpoint = await Endpoint.open((_, response) => {
      streams.push(response);
      events(response, acknowledged);
    });
    const client = new Client(endpoint.url);
    client.say({
      id: 7,
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true }, _meta: META },
    });
    await client.until(({ length }) => length === 1);
    streams[0]?.destroy();
    const received = await client.until(({ length }) => length === 2);
    await client.end();
    await endpoint.close();
    expect(received).to.deep.equal([
      acknowledged,
      {
        jsonrpc: '2.0',
        method: 'notifications/tools/list_changed',
        params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } },
      },
    ]);
  });

  it('keeps the session of a legacy client, brings what the daemon says by itself, and ends it with stdin [MCP-144]', async () => {
    const { answer, streams, sessions } = legacyServer();
    const endpoint = await Endpoint.open(answer);
    const client = new Client(endpoint.url);
    initialize(client);
    client.say({ id: 1, method: 'tools/list' });
    await client.until(({ length }) => length === 2);
    await eventually(() => streams.length === 1);
    const ping = { jsonrpc: '2.0', id: 'p', method: 'ping' };
    streams[0]?.write(`data: ${JSON.stringify(ping)}\n\n`);
    await client.until(({ length }) => length === 3);
    client.say({ id: 'p', result: {} });
    await eventually(() => endpoint.seen.some(({ message }) => message?.id === 'p'));
    await client.end();
    await endpoint.close();

    expect(client.received.slice(1)).to.deep.equal([{ jsonrpc: '2.0', id: 1, result: { session: 's1' } }, ping]);
    const headers = endpoint.seen.map(({ verb, headers: all }) => [
      verb,
      all['mcp-session-id'],
      all['mcp-protocol-version'],
    ]);
    expect(headers.slice(1).every(([, session, version]) => session === 's1' && version === '2025-11-25')).to.equal(
      true,
    );
    expect([endpoint.seen.at(-1)?.verb, sessions.size]).to.deep.equal(['DELETE', 0]);
  });

  it('cancels a legacy request by a notification [MCP-145]', async () => {
    const { answer } = legacyServer();
    const endpoint = await Endpoint.open(answer);
    const client = new Client(endpoint.url);
    initialize(client);
    client.say({ id: 1, method: 'slow' });
    await client.until(({ length }) => length === 2);
    const cancelled = { method: 'notifications/cancelled', params: { requestId: 1 } };
    client.say(cancelled);
    await eventually(() => endpoint.seen.some(({ message }) => message?.method === cancelled.method));
    await client.end();
    await endpoint.close();
    expect(client.received.filter(({ id }) => id === 1)).to.deep.equal([]);
  });

  it('begins a legacy session anew that the daemon has lost, subscriptions and all, without the client noticing [MCP-146]', async () => {
    const { answer, sessions, streams } = legacyServer();
    const endpoint = await Endpoint.open(answer);
    const client = new Client(endpoint.url);
    initialize(client);
    client.say({ id: 1, method: 'resources/subscribe', params: { uri: 'file:///x' } });
    await client.until(({ length }) => length === 2);
    await eventually(() => streams.length === 1);
    sessions.clear();
    const before = endpoint.seen.length;
    client.say({ id: 2, method: 'tools/list' });
    const received = await client.until(({ length }) => length === 4);
    await client.end();
    await endpoint.close();

    expect(received.slice(2)).to.deep.equal([
      { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
      { jsonrpc: '2.0', id: 2, result: { session: 's2' } },
    ]);
    const methods = endpoint.seen
      .slice(before)
      .flatMap(({ verb, message }) => (verb === 'POST' ? [message?.method] : []));
    expect(methods).to.deep.equal([
      'tools/list',
      'initialize',
      'notifications/initialized',
      'resources/subscribe',
      'tools/list',
    ]);
  });

  it('says what to do while the daemon is away, and answers again once it is back [MCP-147]', async () => {
    const gone = await Endpoint.open(() => undefined);
    await gone.close();
    const client = new Client(gone.url);
    client.say({ id: 1, method: 'server/discover', params: { _meta: META } });
    const [refused] = await client.until(({ length }) => length === 1);
    const back = await Endpoint.open(({ message }, response) => {
      json(response, { jsonrpc: '2.0', id: message?.id, result: {} });
    }, gone.port);
    client.say({ id: 2, method: 'server/discover', params: { _meta: META } });
    const received = await client.until(({ length }) => length === 2);
    await client.end();
    await back.close();

    expect([refused?.id, refused?.error?.code]).to.deep.equal([1, -32603]);
    expect(refused?.error?.message).to.match(/^No daemon answers at .* Start it with "orchestrator start"/);
    expect(received[1]).to.deep.equal({ jsonrpc: '2.0', id: 2, result: {} });
  });

  it('tells a client of a refused key, of a broken connection and of an answer that is no message [MCP-148]', async () => {
    const endpoint = await Endpoint.open(({ message }, response, request) => {
      if (message?.id === 1) response.writeHead(401).end('no');
      else if (message?.id === 2) request.socket.destroy();
      else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
    });
    const client = new Client(endpoint.url);
    for (const id of [1, 2, 3]) client.say({ id, method: 'tools/list', params: { _meta: META } });
    const received = await client.until(({ length }) => length === 3);
    await client.end();
    await endpoint.close();
    const said = new Map(received.map(({ id, error }) => [id, error?.message]));
    expect(said.get(1)).to.match(/does not accept the key.*ORCHESTRATOR_TOKEN/);
    expect(said.get(2)).to.match(/broke before the answer came.*not known/);
    expect(said.get(3)).to.match(/HTTP 200: <html>/);
  });

  it('refuses lines that are too long or no message, and requests past its bound, and goes on [MCP-149]', async () => {
    const endpoint = await Endpoint.open(({ message }, response) => {
      if (message?.id === 'last') json(response, { jsonrpc: '2.0', id: 'last', result: {} });
    });
    const client = new Client(endpoint.url, { messageLength: 500, requests: 2, drainMs: 10 });
    client.input.write(`${'x'.repeat(501)}\nnot json\n[]\n\n`);
    client.say({ id: {} as never, method: 'tools/list' });
    for (const id of [1, 1, 2]) client.say({ id, method: 'tools/list', params: { _meta: META } });
    client.say({ id: 3, method: 'tools/list', params: { _meta: META } });
    await client.until(({ length }) => length === 6);
    client.say({ method: 'notifications/cancelled', params: { requestId: 1 } });
    await delay(20);
    client.say({ id: 'last', method: 'tools/list', params: { _meta: META } });
    const received = await client.until(({ length }) => length === 7);
    await client.end();
    await endpoint.close();
    expect(received.map(({ id, error }) => [id, error?.code])).to.deep.equal([
      [undefined, -32600],
      [undefined, -32700],
      [undefined, -32600],
      [undefined, -32600],
      [1, -32600],
      [3, -32603],
      ['last', undefined],
    ]);
  });
});
