import { setTimeout as delay } from 'node:timers/promises';
import type { Answers } from './answers.js';
import type { BridgeLimits } from './bridge-limits.js';
import type { DaemonLink } from './daemon-link.js';
import { isObject, type JsonObject, type McpRequest, type ServerMessage } from './mcp-message.js';
import type { McpAnswer } from './mcp-http.js';
import type { MessageWriter } from './message-writer.js';
import { headerParameters, modernHeaders, parameterHeaders, type HeaderParameter } from './modern-headers.js';
import type { OpenCall } from './open-call.js';

/** The headers of a request do not say what its body says [MCP 2026-07-28, Server Validation]. */
const HEADER_MISMATCH = -32020;
const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';
const PAGES = 100;

/** Lists whose changes a client can listen to, and the notification of each. */
const LISTENED = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
} as const;

/** Requests of the modern era: each a POST of its own, with headers that repeat what is in it [MCP 2026-07-28, Streamable HTTP]. */
export class ModernCalls {
  /** Parameters that go into headers, by tool; only of tools that have some. */
  readonly #parameters = new Map<string, readonly HeaderParameter[]>();

  constructor(
    private readonly link: DaemonLink,
    private readonly answers: Answers,
    private readonly writer: MessageWriter,
    private readonly limits: BridgeLimits,
  ) {}

  /** Answers a request, or fails; a stream of notifications lasts until the client cancels it. */
  async perform(call: OpenCall): Promise<void> {
    if (call.listens) return this.#listen(call);
    const { request } = call;
    const learn = (message: ServerMessage) => {
      if (request.method === 'tools/list') this.#learn(message);
    };
    const mismatched = { is: false };
    const first = request.method === 'tools/call' ? heedMismatch(mismatched) : learn;
    const { answered } = await this.answers.pass(await this.#post(call), call, first);
    if (mismatched.is) {
      // The schema is not known here, or has changed: it is asked for, and the call is made once more [Custom Headers].
      await this.#refresh(call);
      if ((await this.answers.pass(await this.#post(call), call)).answered) return;
    } else if (answered) return;
    throw new Error('the stream ended');
  }

  #post({ request, signal }: OpenCall): Promise<McpAnswer> {
    const { name, arguments: args } = request.params;
    const parameters = request.method === 'tools/call' ? this.#parameters.get(String(name)) : undefined;
    return this.#send(request, request.text, { ...(parameters && parameterHeaders(parameters, args)) }, signal);
  }

  #send(request: McpRequest, body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const accept = { Accept: 'application/json, text/event-stream' };
    return this.link.send({
      method: 'POST',
      headers: { ...accept, ...modernHeaders(request), ...headers },
      body,
      signal,
    });
  }

  async #refresh({ request, signal }: OpenCall): Promise<void> {
    let cursor: unknown;
    for (let page = 0; page < PAGES; page++) {
      const id = `bridge-tools-${String(page)}`;
      const { _meta } = request.params;
      const params: JsonObject = { _meta, ...(typeof cursor === 'string' && { cursor }) };
      const list: McpRequest = { kind: 'request', id, method: 'tools/list', params, text: '' };
      const body = JSON.stringify({ jsonrpc: '2.0', id, method: list.method, params });
      const message = await this.answers.take(await this.#send(list, body, {}, signal), id);
      this.#learn(message);
      cursor = message.result?.nextCursor;
      if (typeof cursor !== 'string') return;
    }
  }

  #learn({ result }: ServerMessage): void {
    for (const tool of Array.isArray(result?.tools) ? (result.tools as unknown[]) : []) {
      if (!isObject(tool) || typeof tool.name !== 'string') continue;
      const parameters = headerParameters(tool.inputSchema);
      if (parameters.length === 0) this.#parameters.delete(tool.name);
      else if (this.#parameters.size < this.limits.tools || this.#parameters.has(tool.name)) {
        this.#parameters.set(tool.name, parameters);
      }
    }
  }

  /**
   * Keeps a stream of notifications open as long as the client wants it: a daemon that was away is asked again, and what may have
   * changed meanwhile is said to have changed.
   */
  async #listen(call: OpenCall): Promise<void> {
    const { least, most } = this.limits.reopenMs;
    const { request } = call;
    const listening = { acknowledged: false };
    for (let pause = least; call.wanted; pause = Math.min(most, pause * 2)) {
      const again = listening.acknowledged;
      try {
        const { answered } = await this.answers.pass(await this.#post(call), call, (message) => {
          if (message.method !== 'notifications/subscriptions/acknowledged') return true;
          listening.acknowledged = true;
          pause = least;
          if (again) void this.#sayChanged(request, message.params);
          return !again;
        });
        if (answered) return;
      } catch (error) {
        // What was never acknowledged failed; what was will come back.
        if (!listening.acknowledged) throw error;
      }
      if (!listening.acknowledged) throw new Error('the stream ended');
      await delay(pause, undefined, { signal: call.signal });
    }
  }

  async #sayChanged({ id }: McpRequest, params: JsonObject | undefined): Promise<void> {
    const honoured = isObject(params?.notifications) ? params.notifications : {};
    const _meta = { [SUBSCRIPTION_ID]: id };
    for (const [wanted, method] of Object.entries(LISTENED)) {
      if (honoured[wanted] === true) {
        await this.writer.write(JSON.stringify({ jsonrpc: '2.0', method, params: { _meta } }));
      }
    }
    const uris = Array.isArray(honoured.resourceSubscriptions) ? (honoured.resourceSubscriptions as unknown[]) : [];
    for (const uri of uris) {
      const method = 'notifications/resources/updated';
      await this.writer.write(JSON.stringify({ jsonrpc: '2.0', method, params: { _meta, uri } }));
    }
  }
}

function heedMismatch(found: { is: boolean }) {
  return ({ error }: ServerMessage): boolean => {
    if (error?.code === HEADER_MISMATCH) found.is = true;
    return !found.is;
  };
}
