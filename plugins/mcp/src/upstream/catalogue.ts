import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isObject, type JsonObject } from './json.js';
import type { UpstreamAnswer } from './upstream.js';
import type { UpstreamLimits } from './upstream-limits.js';

/** One of the four listings of a server. */
export type Listing = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

const METHODS: Readonly<Record<Listing, string>> = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
};
const METHOD_NOT_FOUND = -32601;

/** A listing, and for how long the server says it holds. */
export interface Listed {
  readonly items: readonly JsonObject[];
  readonly ttlMs: number | undefined;
}

/** Sends one request of ours to the server. */
export type Ask = (method: string, params: JsonObject) => Promise<UpstreamAnswer>;

/**
 * All pages of a listing, in the server's order; the first of two entries with the same name counts.
 *
 * @throws OrchestratorError `unavailable` the server answers an error or something else than a listing, `limit_exceeded` it is too long
 */
export async function readListing(listing: Listing, ask: Ask, limits: UpstreamLimits): Promise<Listed> {
  const items = new Map<string, JsonObject>();
  const method = METHODS[listing];
  const nameOf = listing === 'resources' ? 'uri' : listing === 'resourceTemplates' ? 'uriTemplate' : 'name';
  let ttlMs: number | undefined;
  let cursor: string | undefined;
  for (let page = 0; page < limits.pages; page += 1) {
    const answer = await ask(method, cursor === undefined ? {} : { cursor });
    // A server with resources need not have templates, and says so in this way.
    if (answer.kind === 'error' && answer.code === METHOD_NOT_FOUND) return { items: [], ttlMs };
    if (answer.kind === 'error') throw wrong(`${method}: ${answer.code} ${answer.message.slice(0, 200)}`);
    const entries = answer.result[listing];
    if (!Array.isArray(entries)) throw wrong(`${method}: the result has no ${listing}`);
    for (const entry of entries as readonly unknown[]) {
      const name = isObject(entry) ? entry[nameOf] : undefined;
      if (typeof name === 'string' && !items.has(name)) items.set(name, entry as JsonObject);
    }
    if (items.size > limits.items) throw tooMany('items', limits.items, listing);
    if (typeof answer.result.ttlMs === 'number') ttlMs = Math.min(ttlMs ?? Infinity, answer.result.ttlMs);
    const { nextCursor } = answer.result;
    if (typeof nextCursor !== 'string') return { items: [...items.values()], ttlMs };
    cursor = nextCursor;
  }
  throw tooMany('pages', limits.pages, listing);
}

function wrong(detail: string): OrchestratorError {
  return new OrchestratorError('unavailable', detail);
}

function tooMany(name: 'items' | 'pages', max: number, listing: Listing): OrchestratorError {
  const limit = `plugins.mcp.config.limits.${name}`;
  return new OrchestratorError('limit_exceeded', `the server lists more than ${max} ${name} of ${listing}`, {
    limit,
    max,
  });
}
