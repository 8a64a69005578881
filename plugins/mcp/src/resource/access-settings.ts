import { ROLES, Type, type Role } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

const RoleName = Type.Unsafe<Role>({ enum: [...ROLES] });

/** One authorization server whose tokens open /mcp. */
const Issuer = Type.Object(
  {
    issuer: Type.String({ pattern: '^https?://', maxLength: 2_048, description: 'Exactly as its metadata writes it.' }),
    jwksUri: Type.Optional(
      Type.String({
        pattern: '^https?://',
        maxLength: 2_048,
        description: 'Its keys; where its metadata says unless said.',
      }),
    ),
    principalClaim: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_:/.-]{1,128}$',
        default: 'sub',
        description: 'Claim that says who the caller is.',
      }),
    ),
    scopes: Type.Record(
      Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,256}$' }),
      Type.Array(RoleName, { maxItems: ROLES.length }),
      {
        minProperties: 1,
        maxProperties: 100,
        description: 'Roles that a scope gives; the least first, which is what clients are told to ask for.',
      },
    ),
  },
  { additionalProperties: false },
);

const integer = (value: number, minimum: number, maximum: number, description: string) =>
  ({ minimum, maximum, default: value, description }) as const;

const LIMITS = {
  skewMs: integer(10_000, 0, 300_000, 'How much clocks may differ.'),
  keysMs: integer(600_000, 1_000, 86_400_000, 'How long the keys of an authorization server are believed.'),
  keysCooldownMs: integer(30_000, 1_000, 3_600_000, 'How often its keys are asked for at most, whatever tokens come.'),
  tokens: integer(
    100_000,
    1,
    10_000_000,
    'Tokens whose end is watched for; past it the one seen longest ago ends its streams.',
  ),
};

/** Access tokens that open /mcp: `accessTokens`. */
export const AccessSettings = Type.Object(
  {
    issuers: Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' }), Issuer, {
      maxProperties: 16,
      description: 'Authorization servers by name; principals are called NAME:SUBJECT.',
    }),
    skewMs: Type.Optional(Type.Integer(LIMITS.skewMs)),
    keysMs: Type.Optional(Type.Integer(LIMITS.keysMs)),
    keysCooldownMs: Type.Optional(Type.Integer(LIMITS.keysCooldownMs)),
    tokens: Type.Optional(Type.Integer(LIMITS.tokens)),
  },
  {
    additionalProperties: false,
    description: 'Access tokens of authorization servers that open /mcp, beside API keys.',
  },
);
/** Access tokens that open /mcp. */
export type AccessSettings = Static<typeof AccessSettings>;
/** One authorization server whose tokens open /mcp. */
export type IssuerSettings = Static<typeof Issuer>;

/** The limits, all of them. */
export type AccessLimits = Readonly<Record<keyof typeof LIMITS, number>>;

/** Fills in what the configuration does not say. */
export function accessLimitsOf(settings: AccessSettings): AccessLimits {
  const defaults = Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]));
  return { ...(defaults as Record<keyof typeof LIMITS, number>), ...settings };
}
