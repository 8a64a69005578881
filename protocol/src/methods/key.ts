import { Type } from '../type.js';
import { ROLES, type Role } from '../permission.js';
import { method } from '../method.js';
import { Cursor, Done, Exactly, Limit, Page, Time } from '../schemas.js';

const RoleName = Type.Unsafe<Role>(Type.Union(ROLES.map((role) => Type.Literal(role))));
const KeyId = Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$', description: 'Key id; not the secret.' });

/** An API key without its secret. */
export const KeyRecord = Exactly({
  keyId: KeyId,
  name: Type.String(),
  principal: Type.String(),
  kind: Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('service')]),
  roles: Type.Array(RoleName),
  createdAt: Time,
  createdBy: Type.String(),
  expiresAt: Type.Optional(Time),
  lastUsedAt: Type.Optional(Time),
  revokedAt: Type.Optional(Time),
});

export const keyCreate = method({
  name: 'key.create',
  summary: 'Make an API key; its secret is in this answer and nowhere else.',
  permission: 'key:admin',
  effect: true,
  params: Exactly({
    name: Type.String({ minLength: 1, maxLength: 128 }),
    principal: Type.Optional(
      Type.String({
        pattern: '^[a-zA-Z0-9](?:[a-zA-Z0-9._~:/-]{0,126}[a-zA-Z0-9])?$',
        description: 'Whom it stands for; a new principal named after the key unless said.',
      }),
    ),
    kind: Type.Optional(
      Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('service')], { default: 'agent' }),
    ),
    roles: Type.Array(RoleName, { minItems: 1, maxItems: 4, uniqueItems: true }),
    expiresInMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 315_360_000_000 })),
  }),
  result: Exactly({ key: KeyRecord, secret: Type.String({ description: 'orc_…; keep it safe.' }) }),
  errors: ['permission_denied', 'limit_exceeded'],
});

export const keyList = method({
  name: 'key.list',
  summary: 'API keys, without their secrets.',
  permission: 'key:admin',
  params: Exactly({ limit: Limit, cursor: Type.Optional(Cursor) }),
  result: Page(KeyRecord),
});

export const keyRotate = method({
  name: 'key.rotate',
  summary: 'Give a key a new secret; the old one works for a while longer.',
  permission: 'key:admin',
  effect: true,
  params: Exactly({
    keyId: KeyId,
    overlapMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 604_800_000, default: 0 })),
  }),
  result: Exactly({ key: KeyRecord, secret: Type.String() }),
  errors: ['not_found'],
});

export const keyRevoke = method({
  name: 'key.revoke',
  summary: 'End a key; connections logged in with it are closed within 5 s.',
  permission: 'key:admin',
  effect: true,
  // Takes no idempotencyKey: a key that is revoked twice is revoked.
  params: Exactly({ keyId: KeyId }),
  result: Done,
  errors: ['not_found'],
});
