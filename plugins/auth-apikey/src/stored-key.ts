import type { JsonValue } from '@ai-orchestrator/core/plugin';
import type { keyMethods, ResultOf, Role } from '@ai-orchestrator/protocol';

/** A key as its method shows it. */
export type KeyView = ResultOf<typeof keyMethods.keyCreate>['key'];

/** One secret of a key; more than one while a rotation overlaps. */
export interface StoredSecret {
  /** Counts from 1; never used twice by a key. */
  readonly generation: number;
  readonly hash: string;
  /** Wall-clock milliseconds from which it is not valid any more. */
  readonly until?: number;
}

/** A key as it is stored; times are wall-clock milliseconds. */
export interface StoredKey {
  readonly keyId: string;
  readonly name: string;
  readonly principal: string;
  readonly kind: 'user' | 'agent' | 'service';
  readonly roles: readonly Role[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** Of the newest secret that it ever had. */
  readonly generation: number;
  /** Newest last; empty once it is revoked. */
  readonly secrets: readonly StoredSecret[];
}

/** Where keys are in the store. */
export const KEYS = 'key/';
/** After the last of {@link KEYS}. */
export const KEYS_END = 'key0';

/** Where a key is in the store. */
export function keyPath(keyId: string): string {
  return KEYS + keyId;
}

/** A key as a value of the store. */
export function toJson(key: StoredKey): JsonValue {
  return JSON.parse(JSON.stringify(key)) as JsonValue;
}

/** A key from a value that {@link toJson} made. */
export function fromJson(value: JsonValue): StoredKey {
  return value as unknown as StoredKey;
}

/** The credential that a secret of a key is. */
export function credentialId(key: StoredKey, secret: StoredSecret): string {
  return `${key.keyId}.${secret.generation}`;
}

/** When a secret ends, by itself or with its key; `undefined` if never. */
export function endOf(key: StoredKey, secret: StoredSecret): number | undefined {
  if (secret.until === undefined) return key.expiresAt;
  return key.expiresAt === undefined ? secret.until : Math.min(secret.until, key.expiresAt);
}

/** Whether a key is of no use any more. */
export function isOver(key: StoredKey, now: number): boolean {
  return key.revokedAt !== undefined || (key.expiresAt !== undefined && key.expiresAt <= now);
}

/** A key for people: without anything about its secrets. */
export function toView(key: StoredKey, lastUsedAt: number | undefined): KeyView {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    keyId: key.keyId,
    name: key.name,
    principal: key.principal,
    kind: key.kind,
    roles: [...key.roles],
    createdAt: time(key.createdAt),
    createdBy: key.createdBy,
    ...(key.expiresAt !== undefined && { expiresAt: time(key.expiresAt) }),
    ...(lastUsedAt !== undefined && { lastUsedAt: time(lastUsedAt) }),
    ...(key.revokedAt !== undefined && { revokedAt: time(key.revokedAt) }),
  };
}
