import type { Place } from './talk.js';

/** An answer as it came. */
export interface RawAnswer {
  readonly id?: unknown;
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly tools?: readonly { readonly name: string }[];
  };
  readonly error?: unknown;
}

/** Sends requests with ids that the caller chooses, and answers the JSON-RPC answer of each. */
export type RawClient = (id: number, method: string, params: Readonly<Record<string, unknown>>) => Promise<RawAnswer>;

type Address = Extract<Place, { url: string }>;

const WHO = { name: 'raw', version: '1' };
const ACCEPT = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };

/** A session of the legacy era. */
export async function rawLegacy({ url, headers }: Address): Promise<RawClient> {
  const post = (body: unknown, more: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { ...ACCEPT, ...headers, ...more }, body: JSON.stringify(body) });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: WHO };
  const opened = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await opened.text();
  const session = {
    'Mcp-Session-Id': opened.headers.get('mcp-session-id') ?? '',
    'MCP-Protocol-Version': '2025-11-25',
  };
  await (await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)).text();
  return async (id, method, asked) => answer(await post({ jsonrpc: '2.0', id, method, params: asked }, session));
}

/** A client of the modern era. */
export const rawModern =
  ({ url, headers }: Address): RawClient =>
  async (id, method, asked) => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': WHO,
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const about = asked.name ?? asked.uri;
    return answer(
      await fetch(url, {
        method: 'POST',
        headers: {
          ...ACCEPT,
          ...headers,
          'MCP-Protocol-Version': '2026-07-28',
          'Mcp-Method': method,
          ...(typeof about === 'string' && { 'Mcp-Name': about }),
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...asked, _meta } }),
      }),
    );
  };

/** The last message of an answer, which is JSON or an event stream. */
async function answer(response: Response): Promise<RawAnswer> {
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const last = isStream ? [...text.matchAll(/^data: ?(.+)$/gm)].at(-1)?.[1] : text;
  return JSON.parse(last ?? '{}') as RawAnswer;
}
