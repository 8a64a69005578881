import { Agent, request } from 'node:http';
import { connect } from '@ai-orchestrator/protocol/client';
import type { TestDaemon } from './daemon.js';

/** A JSON object as it came. */
export type Json = Readonly<Record<string, unknown>>;

/** An answer of /mcp. */
export interface McpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Json;
  readonly text: string;
}

const KEY = 'io.modelcontextprotocol/';

/** A key of a daemon for a principal with a name. */
export async function keyFor(
  daemon: TestDaemon,
  name: string,
  role: 'agent' | 'operator' | 'observer' = 'agent',
): Promise<string> {
  const admin = await connect({ url: daemon.url, token: daemon.adminKey });
  const { secret } = await admin.call('key.create', { name, roles: [role] });
  await admin.close();
  return secret;
}

/** An MCP client by hand, over kept connections, so that a test decides each id and header. */
export class McpClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  #session: string | undefined;

  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly path = '/mcp',
    /** What it declares with each request that stands for itself. */
    private readonly capabilities: Json = {},
  ) {}

  /** Begins a session. */
  async initialize(capabilities: Json = {}): Promise<McpAnswer> {
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } };
    const answer = await this.post({ id: 'init', method: 'initialize', params });
    this.#session = String(answer.headers['mcp-session-id']);
    return answer;
  }

  /** A request of the session. */
  legacy(id: string | number, method: string, params: Json = {}): Promise<McpAnswer> {
    return this.post({ id, method, params });
  }

  /** A request that stands for itself. */
  modern(id: string | number, method: string, params: Json = {}): Promise<McpAnswer> {
    const name = params.name ?? params.uri ?? params.taskId;
    const _meta = { [`${KEY}protocolVersion`]: '2026-07-28', [`${KEY}clientCapabilities`]: this.capabilities };
    const message = { id, method, params: { ...params, _meta } };
    return this.post(message, {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    });
  }

  post(message: Json, headers: Readonly<Record<string, string>> = {}): Promise<McpAnswer> {
    return new Promise((resolve, reject) => {
      const asking = request(
        this.url + this.path,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.key}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
            ...headers,
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('error', reject).on('end', () => {
            const json = answer.headers['content-type'] === 'application/json';
            const body = json ? (JSON.parse(text) as Json) : {};
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, text });
          });
        },
      );
      asking.on('error', reject);
      asking.end(JSON.stringify({ jsonrpc: '2.0', ...message }));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Waits until a tool is listed, which it is once its server is ready. */
export async function untilListed(client: McpClient, tool: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if ((await client.modern('list', 'tools/list')).text.includes(`"${tool}"`)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the tool ${tool} was not listed within a minute`);
}
