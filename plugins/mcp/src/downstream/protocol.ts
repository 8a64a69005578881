import type { JsonObject } from '../upstream/json.js';

/** Revisions without sessions, newest first: each request says its own version [MCP 2026-07-28, basic/versioning]. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28'];
/** Revisions that begin with `initialize`, newest first. */
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];
/** Lexical order is that of time, since a version is a date. */
const FIRST_MODERN = '2026-07-28';

/** Whether a version is a date from which on there are no sessions, known to us or not. */
export function isModern(version: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= FIRST_MODERN;
}

/** How revisions of its kind are called. */
export function eraOf(version: string): 'legacy' | 'modern' {
  return isModern(version) ? 'modern' : 'legacy';
}

/** Keys of `_meta` that the protocol reserves [MCP 2026-07-28, basic/index, General fields]. */
export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  subscription: 'io.modelcontextprotocol/subscriptionId',
  server: 'io.modelcontextprotocol/serverInfo',
} as const;

/** Error codes of JSON-RPC and of MCP. */
export const CODE = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  /** Of the legacy revisions: a session that is not there, a resource that is not there. */
  sessionNotFound: -32001,
  resourceNotFound: -32002,
  legacyBadRequest: -32000,
} as const;

/** Least severe first [RFC 5424 §6.2.1]. */
export const LOG_LEVELS: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** A message's id: a string or an integer, never null. */
export type RequestId = string | number;

/** A request as it came, its envelope checked. */
export interface RpcRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
}

/** Longer ids are refused, in characters. */
const MAX_ID = 1_024;

/** Whether a value can be a message's id, or a progress token. */
export function isRequestId(value: unknown): value is RequestId {
  return (typeof value === 'string' && value.length <= MAX_ID) || Number.isSafeInteger(value);
}
