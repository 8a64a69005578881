import type { Call, Clock, EventDraft, JsonValue, Random, Store } from '@ai-orchestrator/core/plugin';
import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, keyMethods, ResultOf } from '@ai-orchestrator/protocol';
import { ADMIN_KEY_ID } from './admin-key.js';
import type { AdminKeyFile } from './admin-key-file.js';
import { mayStandFor, mustHold } from './granting.js';
import type { KeyRing } from './key-ring.js';
import type { LastUsed } from './last-used.js';
import { newPrincipal, RESERVED_PRINCIPAL } from './new-principal.js';
import { hashOf, newSecret } from './secret.js';
import { isOver, KEYS, keyPath, KEYS_END, fromJson, toJson, toView } from './stored-key.js';
import type { StoredKey } from './stored-key.js';

/** Bounds of {@link Keys}. */
export interface KeyLimits {
  readonly maxKeys: number;
  readonly maxSecretsPerKey: number;
}

type Caller = Pick<Call, 'principal' | 'traceparent'>;
type Secret = ResultOf<typeof keyMethods.keyCreate>;

/** Makes, lists, renews and ends keys; each change is one commit together with its journal record. */
export class Keys {
  /** Changes are made one after the other, so that each is decided on what is. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly ring: KeyRing,
    private readonly lastUsed: LastUsed,
    private readonly adminFile: AdminKeyFile,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limits: KeyLimits,
  ) {}

  create(params: HandlerParamsOf<typeof keyMethods.keyCreate>, call: Caller): Promise<Secret> {
    return this.#inTurn(async () => {
      const now = this.clock.now();
      mustHold(call.principal, params.roles);
      const taken = new Set([...this.ring.keys()].map(({ principal }) => principal)).add(RESERVED_PRINCIPAL);
      const keyId = this.random.uuid();
      const principal = params.principal ?? newPrincipal(params.name, keyId, taken);
      if (principal === RESERVED_PRINCIPAL) {
        throw new OrchestratorError(
          'permission_denied',
          'no key stands for the daemon itself; choose another principal',
        );
      }
      mayStandFor(call.principal, principal, taken.has(principal));
      const forgotten = this.#roomFor(now);
      const secret = newSecret(this.random);
      const key: StoredKey = {
        keyId,
        name: params.name,
        principal,
        kind: params.kind ?? 'agent',
        roles: params.roles,
        createdAt: now,
        createdBy: call.principal.id,
        ...(params.expiresInMs !== undefined && { expiresAt: now + params.expiresInMs }),
        generation: 1,
        secrets: [{ generation: 1, hash: hashOf(secret) }],
      };
      const deletes = forgotten === undefined ? [] : [keyPath(forgotten), this.lastUsed.forget(forgotten)];
      await this.#commit(key, call, events.keyCreated.name, { keyId, principal, roles: key.roles }, deletes);
      if (forgotten !== undefined) this.ring.delete(forgotten);
      return { key: toView(key, undefined), secret };
    });
  }

  async list(params: HandlerParamsOf<typeof keyMethods.keyList>): Promise<ResultOf<typeof keyMethods.keyList>> {
    const from = params.cursor === undefined ? KEYS : Buffer.from(params.cursor, 'base64url').toString();
    if (from < KEYS || from >= KEYS_END) {
      throw new OrchestratorError('invalid_params', 'cursor is none of key.list', {
        issues: [{ path: '/cursor', message: 'must come from an earlier answer' }],
      });
    }
    const { entries, next } = await this.store.range({ from, to: KEYS_END, limit: params.limit ?? 100 });
    const keys = entries.map(({ value }) => fromJson(value));
    return {
      entries: keys.map((key) => toView(key, this.lastUsed.of(key.keyId))),
      ...(next !== undefined && { cursor: Buffer.from(next).toString('base64url') }),
    };
  }

  rotate(params: HandlerParamsOf<typeof keyMethods.keyRotate>, call: Caller): Promise<Secret> {
    return this.#inTurn(async () => {
      const now = this.clock.now();
      const old = this.#find(params.keyId);
      mustHold(call.principal, old.roles);
      if (isOver(old, now)) throw notFound(params.keyId, 'has ended; make a new one with key.create');
      const secret = newSecret(this.random);
      const generation = old.generation + 1;
      const overlap = params.overlapMs ?? 0;
      const until = now + overlap;
      const kept = old.secrets
        .filter((one) => overlap > 0 && (one.until ?? Infinity) > now)
        .map((one) => ({ ...one, until: Math.min(one.until ?? Infinity, until) }))
        .slice(1 - this.limits.maxSecretsPerKey);
      const key: StoredKey = { ...old, generation, secrets: [...kept, { generation, hash: hashOf(secret) }] };
      const isAdmin = key.keyId === ADMIN_KEY_ID;
      if (isAdmin) await this.adminFile.stage(secret);
      await this.#commit(key, call, events.keyRotated.name, { keyId: key.keyId });
      if (isAdmin) await this.adminFile.publish();
      return { key: toView(key, this.lastUsed.of(key.keyId)), secret };
    });
  }

  revoke(params: HandlerParamsOf<typeof keyMethods.keyRevoke>, call: Caller): Promise<{ done: true }> {
    return this.#inTurn(async () => {
      const old = this.#find(params.keyId);
      mustHold(call.principal, old.roles);
      if (old.revokedAt === undefined) {
        const key: StoredKey = { ...old, revokedAt: this.clock.now(), secrets: [] };
        await this.#commit(key, call, events.keyRevoked.name, { keyId: key.keyId });
      }
      return { done: true };
    });
  }

  #find(keyId: string): StoredKey {
    const key = this.ring.get(keyId);
    if (key === undefined) throw notFound(keyId, 'does not exist; key.list shows those that do');
    return key;
  }

  /** A key that is over and must go for a new one to fit, or `undefined` while there is room. */
  #roomFor(now: number): string | undefined {
    if (this.ring.size < this.limits.maxKeys) return undefined;
    const over = [...this.ring.keys()].filter((key) => key.keyId !== ADMIN_KEY_ID && isOver(key, now));
    over.sort((a, b) => a.createdAt - b.createdAt);
    if (over[0] !== undefined) return over[0].keyId;
    throw new OrchestratorError(
      'limit_exceeded',
      `there are ${this.limits.maxKeys} keys; revoke one that is not used`,
      {
        limit: 'plugins.auth-apikey.config.maxKeys',
        value: this.limits.maxKeys,
      },
    );
  }

  async #commit(
    key: StoredKey,
    call: Caller,
    action: string,
    details: Readonly<Record<string, JsonValue>>,
    deletes: readonly string[] = [],
  ): Promise<void> {
    const path = keyPath(key.keyId);
    const event: EventDraft = {
      action,
      resource: path,
      principal: call.principal.id,
      details,
      ...(call.traceparent !== undefined && { traceId: call.traceparent.slice(3, 35) }),
    };
    const result = await this.store.commit({
      checks: [{ key: path, revision: this.ring.revisionOf(key.keyId) }],
      puts: [{ key: path, value: toJson(key) }],
      deletes,
      events: [event],
    });
    if (!result.committed) {
      throw new OrchestratorError('conflict', `${path} was changed elsewhere; try again`, { resource: path });
    }
    this.ring.put(key, result.revision);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function notFound(keyId: string, why: string): OrchestratorError {
  return new OrchestratorError('not_found', `key ${keyId} ${why}`, { resource: keyPath(keyId) });
}
