import { startServer } from '../outbound/http-server.js';
import type { AuthorizationServer } from './authorization-server.js';

/** How a protected server of a test behaves; all can be changed while it runs. */
export interface Protection {
  /** Where its metadata is; in the challenge unless said. */
  metadataAt?: 'challenge' | 'path' | 'root' | 'nowhere';
  /** Scope of the challenge. */
  scope?: string;
  /** Scopes that a request needs. */
  needs?: readonly string[];
  /** Refuses even its own tokens. */
  refusesAll?: boolean;
  /** Of the metadata; its own URL unless said. */
  resource?: string;
  scopesSupported?: readonly string[];
  /** Whose tokens it takes; also named by its metadata. */
  authorizationServer: AuthorizationServer;
}

/** A server that takes tokens of its authorization server only, and keeps every `Authorization` that it sees. */
export async function startProtectedServer(protection: Protection) {
  const seen: string[] = [];
  const looked: string[] = [];
  const server = await startServer(({ url = '', headers }, response) => {
    const { metadataAt = 'challenge', authorizationServer, scope, needs = [] } = protection;
    const own = `${server.url}/mcp`;
    const place = {
      challenge: '/somewhere',
      path: '/.well-known/oauth-protected-resource/mcp',
      root: '/.well-known/oauth-protected-resource',
      nowhere: '',
    }[metadataAt];
    if (url !== '/mcp') {
      looked.push(url);
      if (url !== place) return void response.writeHead(404).end();
      const metadata = {
        resource: protection.resource ?? own,
        authorization_servers: [authorizationServer.issuer],
        scopes_supported: protection.scopesSupported,
      };
      return void response.end(JSON.stringify(metadata));
    }
    seen.push(headers.authorization ?? 'nothing');
    const token = authorizationServer.tokens.get((headers.authorization ?? '').slice('Bearer '.length));
    const parameters = [
      ...(metadataAt === 'challenge' ? [`resource_metadata="${server.url}/somewhere"`] : []),
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ];
    if (protection.refusesAll === true || token?.resource !== (protection.resource ?? own)) {
      return void response
        .writeHead(401, { 'www-authenticate': `Basic realm="x", Bearer ${parameters.join(', ')}` })
        .end();
    }
    if (needs.some((one) => !token.scope.split(' ').includes(one))) {
      const challenge = `Bearer error="insufficient_scope", scope="${needs.join(' ')}"`;
      return void response.writeHead(403, { 'www-authenticate': challenge }).end();
    }
    response.end('yes');
  });
  return { ...server, mcp: `${server.url}/mcp`, seen, looked };
}
