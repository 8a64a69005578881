import type { AuthorizationServer } from './authorization-server.js';

/** How a client shows at an endpoint of an authorization server who it is [OAuth 2.1 §2.4, RFC 7523 §2.2]. */
export type ClientAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }
  | {
      readonly method: 'private_key_jwt';
      /** Signed anew for each request. */
      readonly assertion: (server: AuthorizationServer) => Promise<string>;
    };

/** How we are known to one authorization server. */
export interface OAuthClient {
  readonly id: string;
  readonly authentication: ClientAuthentication;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How to show a secret, from what the server takes. */
export function secretMethodFor({
  tokenAuthMethods,
}: AuthorizationServer): 'client_secret_basic' | 'client_secret_post' {
  return tokenAuthMethods.includes('client_secret_basic') || !tokenAuthMethods.includes('client_secret_post')
    ? 'client_secret_basic'
    : 'client_secret_post';
}

/** The headers of a request that carries a form to an authorization server; what says who we are is added to the form or to them. */
export async function authenticated(
  form: URLSearchParams,
  { id, authentication }: OAuthClient,
  server: AuthorizationServer,
): Promise<Readonly<Record<string, string>>> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  if (authentication.method === 'client_secret_basic') {
    const pair = [id, authentication.secret].map(encodeURIComponent).join(':');
    return { ...headers, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  form.set('client_id', id);
  if (authentication.method === 'client_secret_post') form.set('client_secret', authentication.secret);
  if (authentication.method === 'private_key_jwt') {
    form.set('client_assertion_type', ASSERTION_TYPE);
    form.set('client_assertion', await authentication.assertion(server));
  }
  return headers;
}
