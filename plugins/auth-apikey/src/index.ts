import {
  Authentication,
  Clock,
  DataDirectory,
  definePlugin,
  KeyIssuer,
  Random,
  Store,
  Timers,
} from '@ai-orchestrator/core/plugin';
import { events, keyMethods } from '@ai-orchestrator/protocol';
import { Type } from '@ai-orchestrator/protocol';
import { ensureAdminKey } from './admin-key.js';
import { AdminKeyFile } from './admin-key-file.js';
import { IssuedKeys } from './issued-keys.js';
import { KeyRing } from './key-ring.js';
import { Keys } from './keys.js';
import { LastUsed } from './last-used.js';

export { resetAdminKey } from './admin-key.js';

const config = Type.Object(
  {
    maxKeys: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 50_000, description: 'Keys kept at most.' }),
    maxSecretsPerKey: Type.Integer({
      minimum: 2,
      maximum: 16,
      default: 4,
      description: 'Secrets that a key can have while rotations overlap.',
    }),
    maxIssuedKeys: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1_000,
      description: 'Keys of programs that the daemon runs.',
    }),
    lastUsedEveryMs: Type.Integer({
      minimum: 1_000,
      maximum: 3_600_000,
      default: 60_000,
      description: 'How often it is written when keys were last used.',
    }),
    expiryCheckMs: Type.Integer({
      minimum: 100,
      maximum: 4_000,
      default: 1_000,
      description: 'How often connections of keys that expired are looked for.',
    }),
  },
  { additionalProperties: false },
);

export default definePlugin({
  id: 'auth-apikey',
  config,
  requires: {
    store: Store,
    authentication: Authentication,
    dataDirectory: DataDirectory,
    clock: Clock,
    random: Random,
    timers: Timers,
  },
  provides: { keyIssuer: KeyIssuer },
  methods: {
    create: keyMethods.keyCreate,
    list: keyMethods.keyList,
    rotate: keyMethods.keyRotate,
    revoke: keyMethods.keyRevoke,
  },
  events: { created: events.keyCreated, rotated: events.keyRotated, revoked: events.keyRevoked },
  async start({ config, services, log, defer }) {
    const { store, authentication, clock, random, timers } = services;
    const lastUsed = new LastUsed(store, clock, log);
    const ring = new KeyRing(
      clock,
      (credentialId) => authentication.revoke(credentialId),
      (credentialId) => authentication.expire(credentialId),
      (keyId) => lastUsed.used(keyId),
    );
    await ring.load(store);
    await lastUsed.load();
    const adminFile = new AdminKeyFile(services.dataDirectory.path);
    await ensureAdminKey(store, ring, adminFile, clock, random, log);

    defer(() => lastUsed.write());
    const writing = timers.every(config.lastUsedEveryMs, () => void lastUsed.write());
    defer(() => writing.cancel());
    const ending = timers.every(config.expiryCheckMs, () => ring.tellExpired());
    defer(() => ending.cancel());
    defer(authentication.addScheme(ring));

    const keys = new Keys(store, ring, lastUsed, adminFile, clock, random, config);
    return {
      services: { keyIssuer: new IssuedKeys(store, ring, random, config.maxIssuedKeys) },
      handlers: {
        create: (params, call) => keys.create(params, call),
        list: (params) => keys.list(params),
        rotate: (params, call) => keys.rotate(params, call),
        revoke: (params, call) => keys.revoke(params, call),
      },
    };
  },
});
