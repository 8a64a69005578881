import { serve } from './http-server.js';

/** A server of the sessionless kind with one tool, that lets in whoever has a token of its issuer; keeps all that it is sent. */
export async function startGuardedServer(issuer: string) {
  const sent: string[] = [];
  const authorizations = new Set<string>();
  const server = await serve(({ url, method, headers, rawHeaders }, response, body) => {
    if (url?.startsWith('/.well-known/oauth-protected-resource') === true) {
      response.end(JSON.stringify({ resource: `${server.url}/mcp`, authorization_servers: [issuer] }));
      return;
    }
    sent.push(`${url} ${rawHeaders.join(' ')} ${body}`);
    authorizations.add(headers.authorization ?? 'none');
    if (headers.authorization?.startsWith('Bearer own-') !== true) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      return;
    }
    if (method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    const { id, method: asked } = JSON.parse(body) as { id?: number | string; method: string };
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'guarded', version: '1.0.0' },
      },
      'tools/list': { tools: [{ name: 'hello', inputSchema: { type: 'object' } }] },
      'tools/call': { content: [{ type: 'text', text: 'hello' }] },
    };
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const result = results[asked];
    const answer = result === undefined ? { error: { code: -32601, message: 'no such method' } } : { result };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  return { ...server, sent, authorizations };
}
