import { isObject, type JsonObject } from '../upstream/json.js';
import { CODE, isRequestId, type RequestId, type RpcRequest } from './protocol.js';
import { RpcError } from './rpc-error.js';

/** A message of a client. */
export type Incoming =
  | { readonly kind: 'request'; readonly request: RpcRequest }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'response'; readonly id: RequestId; readonly result?: JsonObject; readonly error?: JsonObject };

const NO_PARAMS: JsonObject = {};

/**
 * The JSON of a body.
 *
 * @throws RpcError -32700
 */
export function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new RpcError(CODE.parse, 'Parse error: the body is not JSON', undefined, 400, { cause });
  }
}

/**
 * One message [JSON-RPC 2.0 §4, §5; MCP: ids are never null].
 *
 * @throws RpcError -32600 when it is none
 */
export function readMessage(body: unknown): Incoming {
  if (!isObject(body) || body.jsonrpc !== '2.0') throw invalid('a message is an object with "jsonrpc": "2.0"');
  const { id, method, params = NO_PARAMS } = body;
  if (method === undefined) {
    if (!isRequestId(id)) throw invalid('a response has the id of its request');
    const { result, error } = body;
    if (isObject(result)) return { kind: 'response', id, result };
    if (isObject(error)) return { kind: 'response', id, error };
    throw invalid('a message has a method, a result or an error');
  }
  if (typeof method !== 'string') throw invalid('a method is a string');
  if (!isObject(params)) throw invalid('params are an object');
  if (id === undefined) return { kind: 'notification', method, params };
  if (!isRequestId(id)) throw invalid('an id is a string or an integer');
  return { kind: 'request', request: { id, method, params } };
}

/** The id of a message that is refused, as far as it can be told. */
export function idOf(body: unknown): RequestId | null {
  return isObject(body) && isRequestId(body.id) ? body.id : null;
}

function invalid(why: string): RpcError {
  return new RpcError(CODE.invalidRequest, `Invalid Request: ${why}`, undefined, 400);
}
