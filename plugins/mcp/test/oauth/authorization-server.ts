import { createHash, randomUUID, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jwtVerify, type JWTHeaderParameters } from 'jose';
import { startServer, type TestServer } from '../outbound/http-server.js';

/** How an authorization server of a test behaves. */
export interface ServerOptions {
  /** Path of the issuer; none unless said. */
  readonly path?: string;
  /** Where its metadata is; the first place unless said. */
  readonly metadataAt?: 'oauth' | 'openid-inserted' | 'openid-appended';
  /** Put over its metadata; `undefined` takes a member away. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** `iss` of its answers; its issuer unless said, `null` for none. */
  readonly iss?: string | null;
  /** Refuses dynamic registrations. */
  readonly registersNobody?: boolean;
  /** Seconds that access tokens live. */
  readonly expiresIn?: number;
  /** Public key of the client `machine`, which shows who it is by signed assertions at this time. */
  readonly clientKey?: { readonly key: KeyObject; readonly now: () => number };
  /** What it does when a token is to be revoked; does it unless said. */
  readonly revocation?: 'none' | 'refused' | 'silent';
  /** Answers to grants, before anything else. */
  readonly refuses?: (parameters: URLSearchParams) => string | undefined;
  /** Told once it has decided on what was asked at a path; its answer waits for what comes back. */
  readonly answers?: (path: string) => Promise<void> | undefined;
}

/** {@link ServerOptions.answers} of a server that holds back what it answers at one path, from when it is told to. */
export class HeldAnswers {
  /** Somebody waits for such an answer. */
  readonly asked: Promise<void>;
  /** Gives them, and those to come. */
  answer = (): void => undefined;
  #asked = (): void => undefined;
  readonly #answered: Promise<void>;
  #holds = false;

  constructor(private readonly path: string) {
    this.asked = new Promise((resolve) => (this.#asked = resolve));
    this.#answered = new Promise((resolve) => (this.answer = resolve));
  }

  hold(): void {
    this.#holds = true;
  }

  readonly answers = (path: string): Promise<void> | undefined => {
    if (!this.#holds || path !== this.path) return undefined;
    this.#asked();
    return this.#answered;
  };
}

/** A request to it, whose secrets are there to be compared. */
export interface Asked {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

/** An authorization server on loopback: PKCE, resource indicators, rotation, as OAuth 2.1 wants it. */
export class AuthorizationServer {
  readonly asked: Asked[] = [];
  /** Access tokens that are good, and what they are for. */
  readonly tokens = new Map<string, { readonly resource: string; readonly scope: string }>();
  /** Headers of the assertions that were taken. */
  readonly assertions: JWTHeaderParameters[] = [];
  readonly #assertionIds = new Set<string>();
  readonly #codes = new Map<string, Readonly<Record<string, string>>>();
  readonly #refreshes = new Map<string, { readonly clientId: string; readonly scope: string }>();
  #server: TestServer | undefined;

  private constructor(readonly options: ServerOptions) {}

  static async start(options: ServerOptions = {}): Promise<AuthorizationServer> {
    const made = new AuthorizationServer(options);
    made.#server = await startServer((request, response) => made.#answer(request, response));
    return made;
  }

  get origin(): string {
    return this.#server?.url ?? '';
  }

  get issuer(): string {
    return this.origin + (this.options.path ?? '');
  }

  /** `127.0.0.1:PORT`, to be listed. */
  get host(): string {
    return this.origin.slice('http://'.length);
  }

  close(): Promise<void> {
    return this.#server?.close() ?? Promise.resolve();
  }

  /** Parameters of the requests to a path. */
  parametersOf(path: string): readonly Readonly<Record<string, string>>[] {
    return this.asked.filter((one) => one.path === path).map(({ parameters }) => parameters);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const json = request.headers['content-type'] === 'application/json';
    const parameters = json
      ? (JSON.parse(body) as Record<string, string>)
      : Object.fromEntries(new URLSearchParams(body || url.search));
    this.asked.push({ path: url.pathname, parameters, authorization: request.headers.authorization });
    if (url.pathname === '/authorize') {
      this.#authorize(url.searchParams, response);
      return;
    }
    if (url.pathname === '/revoke' && this.options.revocation === 'silent') return;
    const [status, value] = await this.#document(
      url.pathname,
      new URLSearchParams(body),
      request.headers.authorization,
    );
    await this.options.answers?.(url.pathname);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  async #document(
    path: string,
    asked: URLSearchParams,
    authorization: string | undefined,
  ): Promise<readonly [number, object]> {
    if (path === this.#metadataPath()) return [200, this.#metadata()];
    if (path === '/register') {
      if (this.options.registersNobody === true) return [400, { error: 'invalid_redirect_uri' }];
      return [201, { client_id: `registered-${randomUUID()}` }];
    }
    if (path === '/revoke') {
      if (this.options.revocation === 'refused') return [503, { error: 'temporarily_unavailable' }];
      this.tokens.delete(asked.get('token') ?? '');
      this.#refreshes.delete(asked.get('token') ?? '');
      return [200, {}];
    }
    if (path !== '/token') return [404, {}];
    const granted = await this.#grant(asked, authorization);
    return typeof granted === 'string' ? [400, { error: granted }] : [200, granted];
  }

  #metadataPath(): string {
    const { path = '', metadataAt = 'oauth' } = this.options;
    if (metadataAt === 'oauth') return `/.well-known/oauth-authorization-server${path}`;
    return metadataAt === 'openid-inserted'
      ? `/.well-known/openid-configuration${path}`
      : `${path}/.well-known/openid-configuration`;
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      registration_endpoint: `${this.origin}/register`,
      revocation_endpoint: this.options.revocation === 'none' ? undefined : `${this.origin}/revoke`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['plain', 'S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      authorization_response_iss_parameter_supported: this.options.iss !== null,
      scopes_supported: ['files:read', 'offline_access'],
      ...this.options.metadata,
    };
  }

  /** The person says yes at once. */
  #authorize(asked: URLSearchParams, response: ServerResponse): void {
    const code = randomUUID();
    this.#codes.set(code, Object.fromEntries(asked));
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    if (this.options.iss !== null) back.searchParams.set('iss', this.options.iss ?? this.issuer);
    response.writeHead(302, { location: back.href }).end();
  }

  async #grant(asked: URLSearchParams, authorization: string | undefined): Promise<object | string> {
    const refusal = this.options.refuses?.(asked);
    if (refusal !== undefined) return refusal;
    const resource = asked.get('resource');
    if (resource === null) return 'invalid_target';
    const given = (clientId: string, scope: string) => {
      const [token, refresh] = [`at-${randomUUID()}`, `rt-${randomUUID()}`];
      this.tokens.set(token, { resource, scope });
      this.#refreshes.set(refresh, { clientId, scope });
      const { expiresIn = 3_600 } = this.options;
      return { access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope, refresh_token: refresh };
    };
    switch (asked.get('grant_type')) {
      case 'authorization_code': {
        const code = this.#codes.get(asked.get('code') ?? '');
        this.#codes.delete(asked.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(asked.get('code_verifier') ?? '')
          .digest('base64url');
        const right =
          code?.code_challenge === challenge &&
          code.redirect_uri === asked.get('redirect_uri') &&
          code.resource === resource;
        return right ? given(code.client_id ?? '', code.scope ?? '') : 'invalid_grant';
      }
      case 'refresh_token': {
        const refresh = this.#refreshes.get(asked.get('refresh_token') ?? '');
        // Each is good for once.
        this.#refreshes.delete(asked.get('refresh_token') ?? '');
        return refresh?.clientId === asked.get('client_id') ? given(refresh.clientId, refresh.scope) : 'invalid_grant';
      }
      default:
        if (!(await this.#isMachine(asked, authorization))) return 'invalid_client';
        return { ...given('machine', asked.get('scope') ?? ''), refresh_token: undefined };
    }
  }

  async #isMachine(asked: URLSearchParams, authorization: string | undefined): Promise<boolean> {
    const { clientKey } = this.options;
    if (clientKey === undefined) return authorization !== undefined;
    const [type, id] = [asked.get('client_assertion_type'), asked.get('client_id')];
    if (type !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' || id !== 'machine') return false;
    try {
      const { payload, protectedHeader } = await jwtVerify(asked.get('client_assertion') ?? '', clientKey.key, {
        issuer: 'machine',
        subject: 'machine',
        audience: this.issuer,
        requiredClaims: ['jti', 'exp', 'iat'],
        currentDate: new Date(clientKey.now()),
        maxTokenAge: 60,
      });
      const { jti = '' } = payload;
      if (this.#assertionIds.has(jti)) return false;
      this.#assertionIds.add(jti);
      this.assertions.push(protectedHeader);
      return true;
    } catch {
      // Whatever is wrong with it, it is nobody's.
      return false;
    }
  }
}
