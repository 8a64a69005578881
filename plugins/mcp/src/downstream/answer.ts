import { randomUUID } from 'node:crypto';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Log } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject, type JsonValue } from '../upstream/json.js';
import { without } from './members.js';
import { CODE, META } from './protocol.js';
import { RpcError, rpcErrorOf } from './rpc-error.js';

/** What a client is told of any error; the cause of one that is none of ours is logged, under the incident that it is told. */
export function toldOf(error: unknown, log: Log): RpcError {
  const known = rpcErrorOf(error);
  if (known !== undefined) return known;
  const incident = randomUUID();
  log.error({ err: error, incident }, 'an MCP request failed');
  return new RpcError(CODE.internal, new OrchestratorError('internal_error').message, { incident });
}

/** A result as a legacy client knows it, as text: what only modern revisions have is taken out. */
export function legacyResult(result: JsonObject): string {
  const { _meta, structuredContent, resultType, ttlMs, cacheScope } = result;
  const isPlain = _meta === undefined && resultType === undefined && ttlMs === undefined && cacheScope === undefined;
  if (isPlain && (structuredContent === undefined || isObject(structuredContent))) return JSON.stringify(result);
  return JSON.stringify({
    ...result,
    resultType: undefined,
    ttlMs: undefined,
    cacheScope: undefined,
    // Until 2025-11-25 it is an object; what else it is, is in the text beside it as well.
    structuredContent: isObject(structuredContent) ? structuredContent : undefined,
    _meta: isObject(_meta) ? withoutServer(_meta) : undefined,
  });
}

/** What every result of a modern answer ends with, as text: whoever keeps it keeps it for this caller alone. */
export class ModernResults {
  readonly #plain: string;
  readonly #listing: string;

  constructor(
    private readonly serverInfo: JsonObject,
    private readonly listTtlMs: number,
  ) {
    const meta = `"_meta":${JSON.stringify({ [META.server]: serverInfo })}`;
    this.#plain = `,"resultType":"complete",${meta}}`;
    this.#listing = `,"ttlMs":${listTtlMs},"cacheScope":"private"${this.#plain}`;
  }

  /** Closes a listing's text. */
  listing(open: string): string {
    return open + this.#listing;
  }

  /** A result of our own. */
  own(result: JsonObject, resultType = 'complete'): string {
    return JSON.stringify({ ...result, resultType, _meta: { [META.server]: this.serverInfo } });
  }

  /** A result of a provider: its `_meta` stays, the server that it names is us. */
  passed(result: JsonObject, cacheable: boolean): string {
    const { _meta, ttlMs, resultType, cacheScope } = result;
    const isPlain = _meta === undefined && ttlMs === undefined && resultType === undefined && cacheScope === undefined;
    if (isPlain && !cacheable) return closed(JSON.stringify(result), this.#plain);
    return JSON.stringify({
      ...result,
      resultType: typeof resultType === 'string' ? resultType : 'complete',
      // What one upstream calls public was said to us, with our credentials [MCP 2026-07-28, server/utilities/caching, Security].
      ttlMs: cacheable ? freshness(ttlMs, this.listTtlMs) : undefined,
      cacheScope: cacheable ? 'private' : undefined,
      _meta: { ...(isObject(_meta) ? _meta : undefined), [META.server]: this.serverInfo },
    });
  }
}

/** An object's text with further members, which begin with a comma. */
function closed(object: string, more: string): string {
  return object === '{}' ? `{${more.slice(1)}` : object.slice(0, -1) + more;
}

function freshness(ttlMs: JsonValue | undefined, most: number): number {
  return typeof ttlMs === 'number' && ttlMs > 0 ? Math.min(ttlMs, most) : 0;
}

function withoutServer(meta: JsonObject): JsonObject | undefined {
  if (!(META.server in meta)) return meta;
  const rest = without(meta, META.server);
  return Object.keys(rest).length === 0 ? undefined : rest;
}
