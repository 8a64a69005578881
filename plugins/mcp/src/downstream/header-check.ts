import type { IncomingHttpHeaders } from 'node:http';
import type { ToolDefinition } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject, type JsonValue } from '../upstream/json.js';
import { CODE, type RpcRequest } from './protocol.js';
import { RpcError } from './rpc-error.js';

/** Which member of params `Mcp-Name` repeats [MCP 2026-07-28, streamable-http, Standard Request Headers; tasks: SEP-2663]. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** Padded as RFC 4648 §4 has it: what another decoder refuses must not pass here. */
const ENCODED = /^=\?base64\?((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\?=$/;
/** Visible ASCII, space and tab. */
const PLAIN = /^[\t\x20-\x7e]*$/;
/** Properties inside each other that are looked at; deeper annotations are invalid schemas long before. */
const MAX_DEPTH = 16;

/** A parameter that a header repeats, and the way to it. */
interface Mirrored {
  readonly header: string;
  readonly path: readonly string[];
}

/**
 * That `Mcp-Method` and `Mcp-Name` say what the body says.
 *
 * @throws RpcError -32020
 */
export function checkStandardHeaders(headers: IncomingHttpHeaders, { method, params }: RpcRequest): void {
  compare('Mcp-Method', headers['mcp-method'], method, false);
  const member = NAMED_BY[method];
  const name = member === undefined ? undefined : params[member];
  if (typeof name === 'string') compare('Mcp-Name', headers['mcp-name'], name, true);
}

/**
 * That each `Mcp-Param-*` header that the tool's schema asks for is there exactly when its argument is, and equals it [MCP 2026-07-28,
 * streamable-http, Server Behavior for Custom Headers]. Others are ignored.
 *
 * @throws RpcError -32020
 */
export function checkParamHeaders(headers: IncomingHttpHeaders, tool: ToolDefinition, args: JsonObject): void {
  for (const { header, path } of mirroredOf(tool)) {
    const name = `Mcp-Param-${header}`;
    const given = headers[name.toLowerCase()];
    const value = at(args, path);
    if (value === undefined || value === null) {
      if (given !== undefined) throw mismatch(`${name} repeats an argument that is not there`);
    } else if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
      compare(name, given, value, true);
    }
  }
}

function compare(
  name: string,
  given: string | string[] | undefined,
  value: string | boolean | number,
  encoded: boolean,
) {
  if (typeof given !== 'string') throw mismatch(`the ${name} header is missing`);
  // Optional whitespace around a value is not part of it [RFC 9110 §5.5]; node takes it away.
  const said = encoded ? decode(name, given) : given;
  const same = typeof value === 'number' ? said.trim() !== '' && Number(said) === value : said === String(value);
  if (!same) throw mismatch(`the ${name} header says something else than the body`);
}

function decode(name: string, given: string): string {
  const [, base64] = ENCODED.exec(given) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('utf8');
  if (given.startsWith('=?base64?') && given.endsWith('?=')) throw mismatch(`the ${name} header is not valid base64`);
  if (!PLAIN.test(given)) throw mismatch(`the ${name} header has characters that must be encoded`);
  return given;
}

const known = new WeakMap<ToolDefinition, readonly Mirrored[]>();

/** The annotated parameters of a tool; found once for each definition. */
function mirroredOf(tool: ToolDefinition): readonly Mirrored[] {
  let mirrored = known.get(tool);
  if (mirrored === undefined) {
    const found: Mirrored[] = [];
    collect(tool.inputSchema, [], found);
    known.set(tool, (mirrored = found));
  }
  return mirrored;
}

function collect(schema: JsonObject, path: readonly string[], found: Mirrored[]): void {
  const { properties } = schema;
  if (path.length >= MAX_DEPTH || !isObject(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    const header = property['x-mcp-header'];
    if (typeof header === 'string') found.push({ header, path: [...path, name] });
    collect(property, [...path, name], found);
  }
}

function at(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function mismatch(why: string): RpcError {
  return new RpcError(CODE.headerMismatch, `Header mismatch: ${why}`, undefined, 400);
}
