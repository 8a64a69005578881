import { OUR_NAME } from './our-name.js';
import { headerValue } from './header-params.js';
import { isObject, type JsonObject } from './json.js';
import type { Dialect } from './rpc-connection.js';

/** The modern revisions that we speak, newest first. */
export const MODERN_VERSIONS = ['2026-07-28'] as const;
/** The legacy revisions that we speak, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** What we declare to a legacy server: all that a caller of ours may be able to do, for it is said once for all of them. */
export const LEGACY_CAPABILITIES: JsonObject = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} } };

const META = 'io.modelcontextprotocol/';

/** The header fields that repeat arguments of a tool. */
export type ParamHeaders = (tool: string, given: JsonObject) => Readonly<Record<string, string>>;

/** Legacy requests go out as they are [2025-11-25 lifecycle]; over HTTP the version is said with all but the first. */
export function legacyDialect(version: string): Dialect {
  const spoken = { 'mcp-protocol-version': version };
  return {
    params: (_method, params, { meta }) =>
      meta === undefined ? params : { ...params, _meta: { ...(params._meta as JsonObject | undefined), ...meta } },
    headers: (method) => (method === 'initialize' ? {} : spoken),
    asks: true,
    cancelsByNotification: true,
  };
}

/** Which parameter is said in Mcp-Name. */
const NAMED: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** Each request says who asks, in which version, and what the caller can do [2026-07-28 basic, _meta]. */
export function modernDialect(version: string, kind: 'stdio' | 'http', paramHeaders: ParamHeaders): Dialect {
  return {
    params(_method, params, { meta, clientCapabilities = {}, continuation, logLevel }) {
      return {
        ...params,
        ...continuation,
        _meta: {
          ...(params._meta as JsonObject | undefined),
          ...meta,
          [`${META}protocolVersion`]: version,
          [`${META}clientInfo`]: OUR_NAME,
          [`${META}clientCapabilities`]: clientCapabilities,
          ...(logLevel === undefined ? {} : { [`${META}logLevel`]: logLevel }),
        },
      };
    },
    ...(kind === 'stdio' ? {} : { headers: (method, params) => modernHeaders(version, method, params, paramHeaders) }),
    asks: false,
    cancelsByNotification: kind === 'stdio',
  };
}

function modernHeaders(
  version: string,
  method: string,
  params: JsonObject,
  paramHeaders: ParamHeaders,
): Readonly<Record<string, string>> {
  const fields: Record<string, string> = { 'mcp-protocol-version': version, 'mcp-method': method };
  const named = NAMED[method];
  const name = named === undefined ? undefined : params[named];
  if (typeof name !== 'string') return fields;
  fields['mcp-name'] = headerValue(name);
  if (method !== 'tools/call' || !isObject(params.arguments)) return fields;
  return { ...fields, ...paramHeaders(name, params.arguments) };
}
