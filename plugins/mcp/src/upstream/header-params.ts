import { isObject, type JsonObject, type JsonValue } from './json.js';

/** A property of a tool's arguments that is repeated in a header. */
interface HeaderParam {
  readonly path: readonly string[];
  readonly header: string;
}

/** The properties of a tool that its server wants in headers; or why its definition is invalid. */
export type HeaderParams =
  { readonly ok: true; readonly params: readonly HeaderParam[] } | { readonly ok: false; readonly reason: string };

const ANNOTATION = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const PRIMITIVE = new Set(['string', 'integer', 'boolean']);

/** Reads the `x-mcp-header` annotations of an input schema [2026-07-28 streamable HTTP, schema extension]. */
export function headerParams(schema: JsonValue | undefined): HeaderParams {
  const params: HeaderParam[] = [];
  const seen = new Set<string>();
  const reason = isObject(schema) ? walk(schema, [], params, seen) : undefined;
  return reason === undefined ? { ok: true, params } : { ok: false, reason };
}

function walk(
  schema: JsonObject,
  path: readonly string[],
  params: HeaderParam[],
  seen: Set<string>,
): string | undefined {
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === ANNOTATION) {
      const problem = annotate(schema, value, path, params, seen);
      if (problem !== undefined) return problem;
    } else if (keyword === 'properties' && isObject(value)) {
      for (const [name, property] of Object.entries(value)) {
        const problem = isObject(property) ? walk(property, [...path, name], params, seen) : undefined;
        if (problem !== undefined) return problem;
      }
    } else if (keyword !== 'default' && keyword !== 'const' && keyword !== 'enum' && holdsAnnotation(value)) {
      return `${ANNOTATION} under "${keyword}", which no chain of properties leads to`;
    }
  }
  return undefined;
}

function annotate(
  schema: JsonObject,
  value: JsonValue,
  path: readonly string[],
  params: HeaderParam[],
  seen: Set<string>,
): string | undefined {
  if (typeof value !== 'string' || !TOKEN.test(value)) return `${ANNOTATION} is not a name of a header field`;
  if (path.length === 0 || typeof schema.type !== 'string' || !PRIMITIVE.has(schema.type)) {
    return `${ANNOTATION} "${value}" is on what is not a string, integer or boolean`;
  }
  const name = value.toLowerCase();
  if (seen.has(name)) return `${ANNOTATION} "${value}" is there twice`;
  seen.add(name);
  params.push({ path, header: `mcp-param-${name}` });
  return undefined;
}

function holdsAnnotation(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsAnnotation);
  return Object.entries(value).some(([keyword, member]) => keyword === ANNOTATION || holdsAnnotation(member));
}

/** The header fields that repeat these arguments; what is not given has none. */
export function paramHeaders(params: readonly HeaderParam[], given: JsonObject): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { path, header } of params) {
    let value: JsonValue | undefined = given;
    for (const name of path) value = isObject(value) ? value[name] : undefined;
    if (typeof value === 'string') fields[header] = headerValue(value);
    else if (typeof value === 'boolean' || Number.isSafeInteger(value)) fields[header] = JSON.stringify(value);
  }
  return fields;
}

/** A value as a header field can carry it [2026-07-28 streamable HTTP, value encoding]. */
export function headerValue(value: string): string {
  const isPlain = /^[\x20-\x7e\t]*$/.test(value) && value.trim() === value;
  if (isPlain && !(value.startsWith('=?base64?') && value.endsWith('?='))) return value;
  return `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
