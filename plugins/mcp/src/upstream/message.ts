import { isObject, isWithinDepth, type JsonObject, type JsonValue } from './json.js';

/** Deeper messages are garbage: nothing real comes near, and what walks them later must not run out of stack. */
const DEPTH = 128;

/** The id of a request of ours: never anybody else's, counted per connection. */
export type RequestId = number;

/** What we send. */
export type Outgoing =
  | { readonly jsonrpc: '2.0'; readonly id: RequestId; readonly method: string; readonly params: JsonObject }
  | { readonly jsonrpc: '2.0'; readonly method: string; readonly params: JsonObject }
  | { readonly jsonrpc: '2.0'; readonly id: string | number; readonly result: JsonObject }
  | { readonly jsonrpc: '2.0'; readonly id: string | number; readonly error: RpcError };

/** An error object [JSON-RPC 2.0 §5.1]. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue;
}

/** What a server sent. */
export type Incoming =
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly id: RequestId | undefined; readonly error: RpcError }
  | { readonly kind: 'request'; readonly id: string | number; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

/**
 * Reads what a server sent: one message, or a batch of them as revision 2025-03-26 has it.
 *
 * @returns undefined when it is not a message
 */
export function readMessages(text: string): readonly Incoming[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Whatever it is, it is garbage, and counted as that.
    return undefined;
  }
  if (text.length > DEPTH && !isWithinDepth(value, DEPTH)) return undefined;
  if (!Array.isArray(value)) {
    const message = readMessage(value);
    return message === undefined ? undefined : [message];
  }
  const messages = value.map(readMessage).filter((message) => message !== undefined);
  return messages.length === value.length && messages.length > 0 ? messages : undefined;
}

function readMessage(value: unknown): Incoming | undefined {
  if (!isObject(value) || value.jsonrpc !== '2.0') return undefined;
  const { id, method, params = {}, result, error } = value;
  if (typeof method === 'string') {
    if (!isObject(params)) return undefined;
    if (id === undefined) return { kind: 'notification', method, params };
    return typeof id === 'string' || typeof id === 'number' ? { kind: 'request', id, method, params } : undefined;
  }
  if (isObject(result)) return typeof id === 'number' ? { kind: 'result', id, result } : undefined;
  if (!isObject(error) || typeof error.code !== 'number') return undefined;
  const message = typeof error.message === 'string' ? error.message : '';
  const data = error.data === undefined ? {} : { data: error.data };
  return { kind: 'error', id: typeof id === 'number' ? id : undefined, error: { code: error.code, message, ...data } };
}
