/** Id of a request [MCP 2026-07-28, basic, Requests]. */
export type RequestId = string | number;
/** An object of JSON. */
export interface JsonObject {
  readonly [member: string]: unknown;
}

/** A request of the client, with the text that it came as. */
export interface McpRequest {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
  readonly text: string;
}

/** What a line of the client is. */
export type ClientMessage =
  | McpRequest
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject; readonly text: string }
  | { readonly kind: 'response'; readonly text: string }
  | { readonly kind: 'invalid'; readonly code: number; readonly message: string; readonly id?: RequestId };

/** A message of the server. */
export interface ServerMessage {
  readonly id?: RequestId;
  readonly method?: string;
  readonly params?: JsonObject;
  readonly result?: JsonObject;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion';

/** What a line is; one JSON-RPC message, never a batch [MCP 2025-06-18 and later]. */
export function clientMessage(text: string): ClientMessage {
  const value = parsed(text);
  if (value === undefined) return { kind: 'invalid', code: -32700, message: 'The line is not JSON.' };
  if (!isObject(value) || value.jsonrpc !== '2.0') {
    return { kind: 'invalid', code: -32600, message: 'The line is not one JSON-RPC 2.0 message.' };
  }
  const { id, method } = value;
  const params = isObject(value.params) ? value.params : {};
  if (typeof method !== 'string') {
    if ('result' in value || 'error' in value) return { kind: 'response', text };
    return { kind: 'invalid', code: -32600, message: 'A message has a method, a result or an error.', ...idOf(id) };
  }
  if (!('id' in value)) return { kind: 'notification', method, params, text };
  if (!isId(id)) return { kind: 'invalid', code: -32600, message: 'The id of a request is a string or an integer.' };
  return { kind: 'request', id, method, params, text };
}

/** A message of the server, from text that may be anything. */
export function serverMessage(text: string): ServerMessage | undefined {
  const value = parsed(text);
  return isObject(value) && value.jsonrpc === '2.0' ? value : undefined;
}

/** The revision that a request of the modern era names in `_meta`; `undefined` for one of a session. */
export function modernVersion({ params }: Pick<McpRequest, 'params'>): string | undefined {
  const version = isObject(params._meta) ? params._meta[PROTOCOL_VERSION] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(id: unknown): id is RequestId {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function idOf(id: unknown): { id?: RequestId } {
  return isId(id) ? { id } : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
