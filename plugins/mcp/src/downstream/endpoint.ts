import type { HttpExchange, Principal } from '@ai-orchestrator/core/plugin';
import { ERRORS, OrchestratorError } from '@ai-orchestrator/protocol';
import { isObject, isWithinDepth } from '../upstream/json.js';
import { toldOf } from './answer.js';
import type { Gateway } from './gateway.js';
import { idOf, parseBody, readMessage } from './incoming.js';
import { LegacyEndpoint } from './legacy-endpoint.js';
import { ModernEndpoint } from './modern-endpoint.js';
import type { View } from './operation.js';
import { CODE, isModern, META } from './protocol.js';
import { sendJson, sendStatus } from './request-stream.js';
import { errorText, RpcError } from './rpc-error.js';

/** Objects and arrays inside each other in one message. */
const MAX_DEPTH = 64;
/** Of our own errors, where a request is not even begun. */
const STATUS: Readonly<Record<number, number>> = {
  [ERRORS.limit_exceeded.code]: 429,
  [ERRORS.unavailable.code]: 503,
  [ERRORS.internal_error.code]: 500,
};
const JSON_TYPE = /^application\/json(?:\s*;|$)/i;

/**
 * `/mcp` and `/mcp/SET`: one endpoint for both eras at once. A request that says a modern version of itself is answered by the modern rules,
 * all others belong to a session [MCP 2026-07-28, basic/versioning, Backward Compatibility].
 */
export class Endpoint {
  readonly #legacy: LegacyEndpoint;
  readonly #modern: ModernEndpoint;

  constructor(private readonly gateway: Gateway) {
    this.#legacy = new LegacyEndpoint(gateway);
    this.#modern = new ModernEndpoint(gateway);
  }

  async answer(exchange: HttpExchange): Promise<void> {
    const { request, response, caller } = exchange;
    if (caller === undefined) throw new OrchestratorError('unauthenticated');
    const view = this.#viewOf(request.url ?? '', caller);
    // A body that is too large is the listener's to refuse: what is left of it is not read.
    const bytes = request.method === 'POST' ? await exchange.body() : undefined;
    let body: unknown;
    try {
      if (bytes !== undefined) {
        body = this.#parsed(request, bytes);
        await this.#post(exchange, view, body);
        return;
      }
      // Without a session these methods are none of the endpoint's [MCP 2026-07-28, streamable-http, Earlier Revisions].
      if (request.headers['mcp-session-id'] === undefined) {
        sendStatus(response, 405, { allow: 'POST' });
        return;
      }
      const session = this.#legacy.session(exchange, view);
      if (request.method === 'GET') await this.#legacy.get(exchange, session);
      else this.#legacy.delete(exchange, session);
    } catch (error) {
      if (response.headersSent) throw error;
      const told = toldOf(error, this.gateway.log);
      sendJson(response, told.status ?? STATUS[told.code] ?? 400, errorText(idOf(body), told));
    }
  }

  /** @throws OrchestratorError `not_found` for a set that is not there or not for the caller: the two cannot be told apart */
  #viewOf(url: string, principal: Principal): View {
    const query = url.indexOf('?');
    const path = query === -1 ? url : url.slice(0, query);
    if (path === '/mcp' || path === '/mcp/') return { principal, set: undefined, searches: false };
    const set = path.slice('/mcp/'.length);
    const found = this.gateway.services.tools.sets(principal).find(({ name }) => name === set);
    if (found !== undefined) return { principal, set, searches: found.discovery === 'search' };
    throw new OrchestratorError('not_found', 'there is no such tool set, or not for you', { resource: `set/${set}` });
  }

  #parsed(request: HttpExchange['request'], bytes: Buffer): unknown {
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
      throw new RpcError(CODE.legacyBadRequest, 'Unsupported Media Type: send application/json', undefined, 415);
    }
    const body = parseBody(bytes);
    if (!isWithinDepth(body, MAX_DEPTH)) {
      throw new RpcError(CODE.invalidRequest, `a message is at most ${MAX_DEPTH} levels deep`, undefined, 400);
    }
    return body;
  }

  /** Answers with a promise only where there is something to wait for. */
  #post(exchange: HttpExchange, view: View, body: unknown): Promise<void> | void {
    if (Array.isArray(body)) return this.#legacy.batch(exchange, view, body as readonly unknown[]);
    const message = readMessage(body);
    const said = exchange.request.headers['mcp-protocol-version'];
    const headerIsModern = typeof said === 'string' && isModern(said);
    if (message.kind === 'response') return this.#legacy.post(exchange, view, message);
    const { method, params } = message.kind === 'request' ? message.request : message;
    const meta = params._meta;
    const modern = headerIsModern || (isObject(meta) && Object.hasOwn(meta, META.version));
    if (!modern) return this.#legacy.post(exchange, view, message);
    if (message.kind === 'notification') sendStatus(exchange.response, 202);
    else if (method === 'initialize' && !(isObject(meta) && Object.hasOwn(meta, META.version))) {
      throw new RpcError(
        CODE.headerMismatch,
        'Header mismatch: initialize is of revisions before the one that MCP-Protocol-Version says',
        undefined,
        400,
      );
    } else return this.#modern.post(exchange, view, message.request);
  }
}
