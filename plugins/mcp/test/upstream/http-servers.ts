import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as it came in. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly message: {
    readonly id?: number;
    readonly method?: string;
    readonly params: Record<string, unknown> & { readonly _meta?: Record<string, unknown> };
    readonly result?: unknown;
  };
}

/** An HTTP server on loopback that answers JSON-RPC as a test says. */
export interface HttpFixture extends AsyncDisposable {
  readonly url: string;
  /** What came in so far. */
  readonly asked: Asked[];
  readonly server: Server;
}

/** Answers one request. */
export type Answer = (asked: Asked, response: ServerResponse) => void;

/** Starts it. */
export async function httpFixture(answer: Answer): Promise<HttpFixture> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const message = (text === '' ? { params: {} } : JSON.parse(text)) as Asked['message'];
      const one = { method: request.method ?? '', headers: request.headers, message };
      asked.push(one);
      answer(one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    asked,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers a body of JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Begins an event stream. */
export function stream(response: ServerResponse): (message: unknown, id?: string) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return (message, id) => {
    const data = message === '' ? '' : JSON.stringify(message);
    response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A legacy server with sessions, in its own words. */
export class LegacyHttp {
  sessions = new Set<string>();
  ended: string[] = [];
  /** Sends on the stream of the server's own messages. */
  tell: (message: unknown) => void = () => undefined;
  tools = ['echo'];
  #count = 0;

  readonly answer: Answer = (asked, response) => {
    const { method, headers, message } = asked;
    const session = headers['mcp-session-id'] as string | undefined;
    if (message.method === 'initialize') {
      const created = `session-${++this.#count}`;
      this.sessions.add(created);
      const result = {
        protocolVersion: '2025-06-18',
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'legacy-http', version: '1.0.0' },
      };
      json(response, 200, { jsonrpc: '2.0', id: message.id, result }, { 'mcp-session-id': created });
      return;
    }
    if (session === undefined) {
      json(response, 400, { error: 'no session' });
      return;
    }
    if (!this.sessions.has(session)) {
      json(response, 404, { error: 'no such session' });
      return;
    }
    if (method === 'DELETE') {
      this.ended.push(session);
      this.sessions.delete(session);
      response.writeHead(200).end();
      return;
    }
    if (method === 'GET') {
      const last = headers['last-event-id'];
      const send = stream(response);
      if (last === undefined) this.tell = (sent) => send(sent);
      else {
        send({
          jsonrpc: '2.0',
          id: Number(String(last).split('-')[1]),
          result: { content: [{ type: 'text', text: 'resumed' }] },
        });
        response.end();
      }
      return;
    }
    if (message.id === undefined || message.method === undefined) {
      response.writeHead(202).end();
      return;
    }
    this.#request(asked, response);
  };

  #request({ message }: Asked, response: ServerResponse): void {
    const { id, params } = message;
    const text = (value: string) => ({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: value }] } });
    if (message.method === 'tools/list') {
      const tools = this.tools.map((name) => ({ name, inputSchema: { type: 'object' } }));
      json(response, 200, { jsonrpc: '2.0', id, result: { tools } });
    } else if (params.name === 'streamed') {
      const send = stream(response);
      send({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: params._meta?.progressToken, progress: 1 },
      });
      send(text('streamed'));
      response.end();
    } else if (params.name === 'cut') {
      const send = stream(response);
      send('', `cut-${id ?? 0}`);
      // No header can hold it, so that nobody can go on from it.
      send('', '\u20ac');
      setTimeout(() => response.destroy(), 20);
    } else if (params.name === 'never') {
      stream(response)('', undefined);
    } else json(response, 200, text(JSON.stringify(params.arguments)));
  }
}

/** A modern server, in its own words. */
export class ModernHttp {
  /** Sends on the stream of changes. */
  tell: (message: Record<string, unknown>) => void = () => undefined;
  filter: unknown;
  closed: string[] = [];
  tools: { name: string; inputSchema: unknown }[] = [{ name: 'echo', inputSchema: { type: 'object' } }];
  versions = ['2026-07-28'];
  /** For how long its listings are good. */
  ttlMs = 0;

  readonly answer: Answer = (asked, response) => {
    const { headers, message, method } = asked;
    const { id, params } = message;
    const refuse = (status: number, code: number, text: string, data?: unknown) =>
      json(response, status, {
        jsonrpc: '2.0',
        id,
        error: { code, message: text, ...(data === undefined ? {} : { data }) },
      });
    if (method !== 'POST') return void response.writeHead(405).end();
    const version = params._meta?.['io.modelcontextprotocol/protocolVersion'];
    if (
      typeof version !== 'string' ||
      headers['mcp-protocol-version'] !== version ||
      headers['mcp-method'] !== message.method
    ) {
      refuse(400, -32020, 'Header mismatch');
      return;
    }
    if (!this.versions.includes(version)) {
      refuse(400, -32022, 'Unsupported protocol version', { supported: this.versions, requested: version });
      return;
    }
    const result = (body: Record<string, unknown>) =>
      json(response, 200, { jsonrpc: '2.0', id, result: { resultType: 'complete', ...body } });
    if (message.method === 'server/discover') {
      result({
        supportedVersions: this.versions,
        capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
        _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'modern-http', version: '2.0.0' } },
        ttlMs: 0,
        cacheScope: 'private',
      });
    } else if (message.method === 'tools/list') result({ tools: this.tools, ttlMs: this.ttlMs, cacheScope: 'private' });
    else if (message.method === 'resources/list') result({ resources: [], ttlMs: this.ttlMs, cacheScope: 'private' });
    else if (message.method === 'subscriptions/listen') {
      const send = stream(response);
      const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
      this.filter = params.notifications;
      this.tell = (sent) => send({ jsonrpc: '2.0', ...sent, params: { ...(sent.params as object), _meta } });
      this.tell({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: params.notifications },
      });
      response.once('close', () => this.closed.push('listen'));
    } else if (message.method !== 'tools/call') refuse(404, -32601, 'Method not found');
    else if (params.name === 'never') {
      stream(response);
      response.flushHeaders();
      response.once('close', () => this.closed.push('never'));
    } else if (params.name === 'question') {
      if (params.requestState === 'sealed')
        result({ content: [{ type: 'text', text: JSON.stringify(params.inputResponses) }] });
      else
        result({
          resultType: 'input_required',
          inputRequests: { who: { method: 'elicitation/create' } },
          requestState: 'sealed',
        });
    } else result({ content: [{ type: 'text', text: JSON.stringify(params.arguments) }] });
  };
}
