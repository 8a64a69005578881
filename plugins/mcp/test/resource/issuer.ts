import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startServer } from '../outbound/http-server.js';

/** An issuer of access tokens on loopback, whose keys can be changed. */
export async function startIssuer() {
  let generation = 0;
  let pair = await generateKeyPair('ES256', { extractable: true });
  const asked: string[] = [];
  const server = await startServer(async ({ url = '' }, response) => {
    asked.push(url);
    if (url === '/.well-known/oauth-authorization-server') {
      const metadata = { issuer: server.url, token_endpoint: `${server.url}/token`, jwks_uri: `${server.url}/keys` };
      response.end(JSON.stringify(metadata));
    } else if (url === '/keys') {
      const key = { ...(await exportJWK(pair.publicKey)), kid: `key-${generation}`, alg: 'ES256', use: 'sig' };
      response.end(JSON.stringify({ keys: [key] }));
    } else {
      response.writeHead(404).end();
    }
  });
  return {
    url: server.url,
    asked,
    close: () => server.close(),
    async newKey() {
      pair = await generateKeyPair('ES256', { extractable: true });
      generation++;
    },
    /** @param header put over that of the token */
    sign(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
      return new SignJWT({ iss: server.url, sub: 'ana', scope: 'mcp:use', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: `key-${generation}`, typ: 'at+jwt', ...header })
        .sign(pair.privateKey);
    },
  };
}
