import { generateKeyPairSync, sign } from 'node:crypto';
import { serve } from './http-server.js';

/** An authorization server: signs tokens for callers of the daemon, and gives the daemon tokens of its own for its secret. `silent`: it answers no revocation. */
export async function startTokenIssuer({ revocation }: { readonly revocation?: 'silent' } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  let given = 0;
  const revoked: string[] = [];
  const server = await serve(({ url }, response, body) => {
    const found: Record<string, () => object> = {
      '/.well-known/oauth-authorization-server': () => ({
        issuer: server.url,
        token_endpoint: `${server.url}/token`,
        authorization_endpoint: `${server.url}/authorize`,
        registration_endpoint: `${server.url}/register`,
        revocation_endpoint: `${server.url}/revoke`,
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
        jwks_uri: `${server.url}/keys`,
        token_endpoint_auth_methods_supported: ['client_secret_post'],
      }),
      '/keys': () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key', alg: 'ES256', use: 'sig' }] }),
      '/revoke': () => {
        revoked.push(new URLSearchParams(body).get('token') ?? '');
        return {};
      },
      '/register': () => ({ client_id: 'registered' }),
      '/token': () => ({
        access_token: `own-${++given}-for-${new URLSearchParams(body).get('client_secret') ?? 'a-person'}`,
        token_type: 'Bearer',
        expires_in: 3_600,
      }),
    };
    const asked = new URL(url ?? '/', server.url);
    if (asked.pathname === '/authorize') {
      // The person says yes at once.
      const back = new URL(asked.searchParams.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({
        code: 'a-code',
        state: asked.searchParams.get('state') ?? '',
        iss: server.url,
      }).toString();
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    const answer = found[asked.pathname];
    if (asked.pathname === '/revoke' && revocation === 'silent') {
      answer?.();
      return;
    }
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.() ?? {}));
  });
  return {
    ...server,
    /** Tokens that were revoked. */
    revoked,
    /** A token for a resource, valid for ten minutes. */
    token(resource: string, scope: string): string {
      const exp = Math.round(Date.now() / 1_000) + 600;
      const text = `${part({ alg: 'ES256', kid: 'key', typ: 'at+jwt' })}.${part({ iss: server.url, sub: 'ana', aud: resource, scope, exp })}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}
