import type { AuthenticationScheme, Clock, Principal, Store } from '@ai-orchestrator/core/plugin';
import { hashOf, SECRET_PREFIX } from './secret.js';
import { credentialId, endOf, fromJson, KEYS, KEYS_END } from './stored-key.js';
import type { StoredKey } from './stored-key.js';

interface Held {
  readonly principal: Principal;
  /** None for a key that was issued to a program. */
  readonly keyId: string | undefined;
  readonly endsAt: number | undefined;
  /** Whether it was told that it has expired; forgotten when the clock is set back before its end. */
  toldOver: boolean;
}

const PAGE = 1000;

/** Every key, in memory and by hash: a right or wrong token is told within microseconds, whatever the store does. */
export class KeyRing implements AuthenticationScheme {
  readonly name = 'api-key';
  readonly answersFromMemory = true;
  readonly #keys = new Map<string, { readonly key: StoredKey; readonly revision: number }>();
  readonly #byHash = new Map<string, Held>();
  /** Wall-clock milliseconds before which nothing ends. */
  #nextEnd = Infinity;
  #lookedAt = -Infinity;

  /**
   * @param onEnded called with each credential that a change ended
   * @param onExpired called with each credential that the time ended
   * @param onUsed called with each key that somebody logs in with
   */
  constructor(
    private readonly clock: Clock,
    private readonly onEnded: (credentialId: string) => void,
    private readonly onExpired: (credentialId: string) => void,
    private readonly onUsed: (keyId: string) => void,
  ) {}

  /** Reads every key of the store. */
  async load(store: Store): Promise<void> {
    let from: string | undefined = KEYS;
    while (from !== undefined) {
      const page = await store.range({ from, to: KEYS_END, limit: PAGE });
      for (const { value, revision } of page.entries) this.put(fromJson(value), revision);
      from = page.next;
    }
  }

  get size(): number {
    return this.#keys.size;
  }

  keys(): Iterable<StoredKey> {
    return [...this.#keys.values()].map(({ key }) => key);
  }

  /** Takes a key as the store has it since a revision; an older one than it knows is passed over. */
  put(key: StoredKey, revision: number): void {
    const known = this.#keys.get(key.keyId);
    if (known !== undefined && known.revision >= revision) return;
    this.#keys.set(key.keyId, { key, revision });
    const hashes = new Set(key.secrets.map(({ hash }) => hash));
    for (const { hash } of known?.key.secrets ?? []) if (!hashes.has(hash)) this.#end(hash);
    for (const secret of key.secrets) {
      const endsAt = endOf(key, secret);
      const principal: Principal = this.#byHash.get(secret.hash)?.principal ?? {
        id: key.principal,
        kind: key.kind,
        roles: key.roles,
        credentialId: credentialId(key, secret),
        ...(key.expiresAt !== undefined && { expiresAt: key.expiresAt }),
      };
      this.#byHash.set(secret.hash, { principal, keyId: key.keyId, endsAt, toldOver: false });
      if (endsAt !== undefined) this.#nextEnd = Math.min(this.#nextEnd, endsAt);
    }
  }

  get(keyId: string): StoredKey | undefined {
    return this.#keys.get(keyId)?.key;
  }

  /** Revision that the store has the key at; 0 when it has none. */
  revisionOf(keyId: string): number {
    return this.#keys.get(keyId)?.revision ?? 0;
  }

  /** Whether a secret is one of a key's. */
  belongs(secret: string, keyId: string): boolean {
    return this.#byHash.get(hashOf(secret))?.keyId === keyId;
  }

  /** Takes a key that the store never sees; answers how to end it. */
  issue(secret: string, principal: Principal): () => void {
    const hash = hashOf(secret);
    this.#byHash.set(hash, { principal, keyId: undefined, endsAt: undefined, toldOver: false });
    return () => this.#end(hash);
  }

  /** Forgets a key that the store has no more. */
  delete(keyId: string): void {
    const known = this.#keys.get(keyId);
    this.#keys.delete(keyId);
    for (const { hash } of known?.key.secrets ?? []) this.#end(hash);
  }

  /** Tells of what the wall clock has ended. It stays known, because a clock that was wrong may be set right. */
  tellExpired(): void {
    const now = this.clock.now();
    const setBack = now < this.#lookedAt;
    this.#lookedAt = now;
    if (now < this.#nextEnd && !setBack) return;
    this.#nextEnd = Infinity;
    for (const held of this.#byHash.values()) {
      if (held.endsAt === undefined) continue;
      if (held.endsAt > now) {
        held.toldOver = false;
        this.#nextEnd = Math.min(this.#nextEnd, held.endsAt);
      } else if (!held.toldOver) {
        held.toldOver = true;
        this.onExpired(held.principal.credentialId);
      }
    }
  }

  recognises(token: string): boolean {
    return token.startsWith(SECRET_PREFIX);
  }

  authenticate(token: string): Principal | undefined {
    const held = this.#byHash.get(hashOf(token));
    if (held === undefined || (held.endsAt !== undefined && held.endsAt <= this.clock.now())) return undefined;
    if (held.keyId !== undefined) this.onUsed(held.keyId);
    return held.principal;
  }

  #end(hash: string): void {
    const held = this.#byHash.get(hash);
    this.#byHash.delete(hash);
    if (held !== undefined) this.onEnded(held.principal.credentialId);
  }
}
