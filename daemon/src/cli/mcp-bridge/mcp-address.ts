import { findAddress, type ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import type { McpAddress } from './mcp-http.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the daemon's MCP is: at `/mcp`, or `/mcp/SET` for a tool set, of the daemon that every command talks to. A URL may also name
 * the endpoint itself.
 *
 * @throws CommandFailure as `findAddress`, and `usage` when both a set and the URL of another set are given
 */
export async function findMcpAddress(
  options: ConnectionOptions,
  set: string | undefined,
  environment: Environment,
): Promise<McpAddress> {
  const named = options.url ?? environment.ORCHESTRATOR_URL ?? '';
  const [endpoint, origin = '', path = ''] = /^(.*?:\/\/[^/]*)(\/mcp(?:\/[^?#]*)?)$/.exec(named) ?? [];
  const { url, token } = await findAddress(
    endpoint === undefined ? options : { ...options, url: `${origin}/rpc` },
    environment,
  );
  const own = path === '' || path === '/mcp' || path === '/mcp/' ? undefined : path;
  if (own !== undefined && set !== undefined && own !== pathOf(set)) {
    throw new CommandFailure('usage', `The URL names ${own}, and --set names "${set}".`, 'Give one of them.');
  }
  return { url: `${url.replace(/^ws/, 'http').replace(/\/[^/]*$/, '')}${own ?? pathOf(set)}`, token };
}

function pathOf(set: string | undefined): string {
  return set === undefined ? '/mcp' : `/mcp/${encodeURIComponent(set)}`;
}
