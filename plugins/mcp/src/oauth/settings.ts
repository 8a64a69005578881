import { SECRET_REFERENCE } from '@ai-orchestrator/core/plugin';
import { Type } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import { defaultsOf, limit, schemasOf } from '../limit-table.js';

const DEFAULT_NAME = 'AI Orchestrator';
const Url = (description: string) => Type.String({ pattern: '^https?://', maxLength: 2_048, description });

/** How one server is authorized at: `servers.NAME.authorization`. */
export const AuthorizationSettings = Type.Object(
  {
    grant: Type.Optional(
      Type.Union([Type.Literal('authorization_code'), Type.Literal('client_credentials')], {
        description: 'Whether a person says yes, which is so unless said, or the daemon has credentials of its own.',
      }),
    ),
    issuer: Type.Optional(Url('Where clientId was registered, or where a server without metadata is authorized at.')),
    clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'Registered beforehand.' })),
    clientSecret: Type.Optional(
      Type.String({
        pattern: SECRET_REFERENCE.source,
        maxLength: 4_096,
        description: 'Reference to the secret of clientId.',
      }),
    ),
    clientKey: Type.Optional(
      Type.String({
        pattern: SECRET_REFERENCE.source,
        maxLength: 4_096,
        description:
          'Reference to the private key of clientId (PEM without a passphrase, or a JWK), shown by signed assertions instead of a secret.',
      }),
    ),
    clientKeyId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'What the authorization server calls that key (kid); that of a JWK unless said.',
      }),
    ),
    scopes: Type.Optional(
      Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,256}$' }), {
        maxItems: 100,
        description: 'Asked for, besides those that the server asks for; what the server supports unless said.',
      }),
    ),
  },
  { additionalProperties: false, description: 'OAuth 2.1 at a server over HTTP.' },
);
/** How one server is authorized at. */
export type AuthorizationSettings = Static<typeof AuthorizationSettings>;

const LIMITS = {
  pending: limit(100, 1, 10_000, 'Authorizations that wait for a person.'),
  pendingMs: limit(600_000, 10_000, 3_600_000, 'How long one waits.'),
  renewals: limit(3, 1, 100, 'Tokens asked for within renewalPeriodMs, for one server and caller.'),
  renewalPeriodMs: limit(60_000, 1_000, 3_600_000, 'That period.'),
  discoveryMs: limit(600_000, 0, 86_400_000, 'How long metadata of authorization servers is believed.'),
  scopes: limit(100, 1, 1_000, 'Scopes asked for at one server, all in all.'),
  revocationMs: limit(
    5_000,
    100,
    60_000,
    'Time to revoke the tokens of a server, from its turn on; they end by themselves otherwise.',
  ),
  closeMs: limit(
    2_000,
    0,
    5_000,
    'How long a server that goes, is changed or ends with the daemon waits for tokens that are just being renewed: the refresh token that was sent may be good no more. Below limits.plugins.stopMs.',
  ),
  revocations: limit(8, 1, 1_000, 'Servers whose tokens are revoked at once; others wait for their turn.'),
  callers: limit(1_000, 1, 100_000, 'Callers with tokens of their own at one server.'),
};

/** How the daemon is a client of authorization servers: `oauth`. */
export const OAuthSettings = Type.Object(
  {
    clientName: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, default: DEFAULT_NAME, description: 'Shown to people.' }),
    ),
    clientMetadataUrl: Type.Optional(
      Type.String({
        pattern: '^https://[^/]+/.+',
        maxLength: 2_048,
        description:
          'Client ID metadata document that is served elsewhere; /mcp/oauth/client.json of an https publicUrl unless said.',
      }),
    ),
    ...schemasOf(LIMITS),
  },
  { additionalProperties: false },
);
/** How the daemon is a client of authorization servers. */
export type OAuthSettings = Static<typeof OAuthSettings>;

/** The same, defaults filled in. */
export type FullOAuthSettings = OAuthSettings & Required<Omit<OAuthSettings, 'clientMetadataUrl'>>;

/** Fills in what the configuration does not say. */
export function oauthSettingsOf(settings: OAuthSettings | undefined): FullOAuthSettings {
  return { clientName: DEFAULT_NAME, ...defaultsOf(LIMITS), ...settings };
}

/** What is wrong with a server's authorization that a schema cannot say; `undefined` when it is right. */
export function authorizationProblem(settings: AuthorizationSettings): string | undefined {
  const { grant, issuer, clientId, clientSecret, clientKey, clientKeyId } = settings;
  for (const [name, value] of Object.entries({ clientSecret, clientKey })) {
    if (value !== undefined && !SECRET_REFERENCE.test(value))
      return `${name}: expected a reference (file:/path, env:NAME or credential:NAME), not the secret itself`;
  }
  if (clientId !== undefined && issuer === undefined) return 'issuer is missing: whom was clientId registered at?';
  if (clientSecret !== undefined && clientKey !== undefined) return 'clientSecret and clientKey are two ways: keep one';
  const secret = clientSecret ?? clientKey;
  if (secret !== undefined && clientId === undefined) return 'clientId is missing: whose secret is it?';
  if (clientKeyId !== undefined && clientKey === undefined) return 'clientKey is missing: which key is clientKeyId of?';
  if (grant === 'client_credentials' && secret === undefined)
    return 'clientSecret or clientKey is missing: client_credentials needs one';
  return undefined;
}
