import { createHash } from 'node:crypto';
import type { AuthenticationScheme, Clock, Log, Principal } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { scopesOf } from '../oauth/challenge.js';
import type { AccessLimits, IssuerSettings } from './access-settings.js';
import type { IssuerKeys } from './issuer-keys.js';
import { isMcpPath } from './protected-paths.js';
import type { TokenEnds } from './token-ends.js';

/** Signatures with public keys only: nobody who can check a token can make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Kinds of token [RFC 9068 §2.1]; others, such as those of a logout, are none for access. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
const SUBJECT = /^[\x21-\x7e]{1,95}$/;

/** An authorization server whose tokens are taken. */
export interface TrustedIssuer {
  /** Before the subject in the names of its principals. */
  readonly name: string;
  readonly settings: IssuerSettings;
  readonly keys: IssuerKeys;
}

/**
 * JWT access tokens of configured issuers, each for exactly one resource: `/mcp` or one set of tools [MCP access token usage; RFC 9068
 * §4, RFC 8707]. Nowhere else do they open anything.
 */
export class JwtScheme implements AuthenticationScheme {
  readonly name = 'access-token';
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;

  /** @param publicUrl what resources begin with */
  constructor(
    issuers: readonly TrustedIssuer[],
    private readonly publicUrl: () => string,
    private readonly limits: Pick<AccessLimits, 'skewMs'>,
    private readonly ends: TokenEnds,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.settings.issuer, issuer]));
  }

  recognises(token: string): boolean {
    return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(token);
  }

  /** @throws OrchestratorError `unavailable` when the issuer's keys cannot be had */
  async authenticate(token: string, resource?: string): Promise<Principal | undefined> {
    if (resource === undefined || !isMcpPath(resource)) return undefined;
    try {
      const issuer = this.#issuers.get(decodeJwt(token).iss ?? '');
      return issuer === undefined ? undefined : await this.#verified(token, issuer, this.publicUrl() + resource);
    } catch (error) {
      if (error instanceof OrchestratorError) {
        this.log.warn({ err: error }, 'an access token cannot be checked');
        throw error;
      }
      this.log.debug({ reason: error instanceof Error ? error.message : 'unknown' }, 'an access token is refused');
      return undefined;
    }
  }

  async #verified(token: string, issuer: TrustedIssuer, audience: string): Promise<Principal | undefined> {
    const { skewMs } = this.limits;
    const { principalClaim = 'sub', scopes: roles } = issuer.settings;
    const { payload, protectedHeader } = await jwtVerify(token, await issuer.keys.get(), {
      algorithms: ALGORITHMS,
      issuer: issuer.settings.issuer,
      audience,
      clockTolerance: skewMs / 1_000,
      currentDate: new Date(this.clock.now()),
      requiredClaims: ['exp', principalClaim],
    });
    const subject = payload[principalClaim];
    if (!TYPES.has((protectedHeader.typ ?? 'jwt').toLowerCase())) return undefined;
    if (typeof subject !== 'string' || !SUBJECT.test(subject) || payload.exp === undefined) return undefined;
    const given = grantedScopes(payload).flatMap((scope) => (Object.hasOwn(roles, scope) ? (roles[scope] ?? []) : []));
    const id = payload.jti ?? createHash('sha256').update(token).digest('base64url');
    const principal: Principal = {
      id: `${issuer.name}:${subject}`,
      kind: 'user',
      roles: [...new Set(given)],
      credentialId: `${issuer.name}:${id}`,
      expiresAt: payload.exp * 1_000 + skewMs,
    };
    this.ends.seen(principal.credentialId, payload.exp * 1_000 + skewMs);
    return principal;
  }
}

/** `scope` [RFC 9068 §2.2.3], or `scp` as some issuers call it. */
function grantedScopes({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp;
  if (Array.isArray(given)) return scopesOf(given.filter((one) => typeof one === 'string').join(' '));
  return typeof given === 'string' ? scopesOf(given) : [];
}
