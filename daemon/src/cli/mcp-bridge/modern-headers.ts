import { isObject, modernVersion, type JsonObject, type McpRequest } from './mcp-message.js';

/** Where the name of what a request is about stands [MCP 2026-07-28, Streamable HTTP, Standard Request Headers]. */
const NAMES: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const ENCODED = /^=\?base64\?.*\?=$/;

/** Headers that repeat what is in a request of the modern era, so that whoever is between need not read bodies. */
export function modernHeaders(request: McpRequest): Readonly<Record<string, string>> {
  const version = modernVersion(request);
  const name = request.params[NAMES[request.method] ?? ''];
  return {
    ...(version !== undefined && PLAIN.test(version) && { 'MCP-Protocol-Version': version }),
    'Mcp-Method': headerValue(request.method),
    ...(typeof name === 'string' && { 'Mcp-Name': headerValue(name) }),
  };
}

/** A value as a header has it: plain where it can be, else encoded [Value Encoding]. */
export function headerValue(value: string | number | boolean): string {
  const text = String(value);
  if (text === '' || (PLAIN.test(text) && !ENCODED.test(text))) return text;
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** A parameter that is repeated in a header: its place in the arguments, and the name of the header. */
export interface HeaderParameter {
  readonly path: readonly string[];
  readonly header: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const MAX_DEPTH = 32;

/** The parameters of an input schema that say `x-mcp-header`: those reached through `properties` alone [Schema Extension]. */
export function headerParameters(schema: unknown, path: readonly string[] = []): readonly HeaderParameter[] {
  const properties = isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  if (path.length >= MAX_DEPTH) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const at = [...path, name];
    const header = isObject(property) ? property['x-mcp-header'] : undefined;
    const own = typeof header === 'string' && TOKEN.test(header) ? [{ path: at, header: `Mcp-Param-${header}` }] : [];
    return [...own, ...headerParameters(property, at)];
  });
}

/** The headers of a call's parameters; one whose value is not there has none. */
export function parameterHeaders(
  parameters: readonly HeaderParameter[],
  args: unknown,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    parameters.flatMap(({ path, header }) => {
      const value = path.reduce<unknown>((at, name) => (isObject(at) ? own(at, name) : undefined), args);
      return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)
        ? [[header, headerValue(value as string | number | boolean)]]
        : [];
    }),
  );
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
