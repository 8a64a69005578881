import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { EventDraft, JsonValue, Log, Random, Store } from '@ai-orchestrator/core/plugin';
import { afterAll, CREDENTIALS } from './credential-places.js';
import { vaultKey } from './vault-key.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PAGE = 500;

/** Whose credential it is. */
export interface CredentialOwner {
  readonly server: string;
  /** Principal that it is for; `undefined` when all callers share it. */
  readonly caller: string | undefined;
}

/**
 * Credentials at authorization servers, each sealed with AES-256-GCM and bound to its place, so that one cannot be put in another's. Nothing
 * of them is readable in the store, its copies or its snapshots.
 */
export class CredentialVault {
  #key: Promise<Buffer> | undefined;

  /** @param directory where the key is, or is made when the first credential comes */
  constructor(
    private readonly store: Store,
    private readonly directory: string,
    private readonly random: Random,
    private readonly log: Log,
  ) {}

  /** `undefined` where there is none, or none that this key opens. */
  async read(owner: CredentialOwner, name: string): Promise<unknown> {
    const place = placeOf(owner, name);
    const entry = await this.store.get(place);
    return entry === undefined ? undefined : this.#opened(owner.server, place, entry.value);
  }

  /** All of a name that are kept of a server, of all its callers; without those that this key does not open. */
  async all(server: string, name: string): Promise<readonly unknown[]> {
    const found: unknown[] = [];
    const first = `${CREDENTIALS}${server}/`;
    for (let from = first; ;) {
      const { entries, next } = await this.store.range({ from, to: afterAll(first), limit: PAGE });
      for (const { key, value } of entries) {
        if (key.endsWith(`/${hash(name)}`)) found.push(await this.#opened(server, key, value));
      }
      if (next === undefined) return found.filter((one) => one !== undefined);
      from = next;
    }
  }

  /** Resolves once it is durable. */
  async write(owner: CredentialOwner, name: string, value: object): Promise<void> {
    const place = placeOf(owner, name);
    const key = await this.#sealingKey();
    const nonce = this.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final(), cipher.getAuthTag()]);
    const text = Buffer.concat([nonce, sealed]).toString('base64');
    await this.store.commit({ puts: [{ key: place, value: { version: 1, sealed: text } }] });
  }

  /** @param events that the journal is to have of it, in the same commit */
  async erase(owner: CredentialOwner, name: string, events: readonly EventDraft[] = []): Promise<void> {
    await this.store.commit({ deletes: [placeOf(owner, name)], events });
  }

  /** Erases everything of a server, of all callers. */
  async eraseServer(server: string): Promise<void> {
    const from = `${CREDENTIALS}${server}/`;
    for (;;) {
      const { entries, next } = await this.store.range({ from, to: afterAll(from), limit: PAGE });
      if (entries.length > 0) await this.store.commit({ deletes: entries.map(({ key }) => key) });
      if (next === undefined) return;
    }
  }

  async #opened(server: string, place: string, value: JsonValue): Promise<unknown> {
    try {
      return JSON.parse(open(await this.#sealingKey(), place, value)) as unknown;
    } catch (error) {
      this.log.warn({ err: error, server }, 'a credential cannot be opened: its server has to be authorized at again');
      return undefined;
    }
  }

  #sealingKey(): Promise<Buffer> {
    return (this.#key ??= vaultKey(this.directory, this.random, this.log).catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    }));
  }
}

/** Names of callers and issuers are hashed: they may be of any length and characters. */
function placeOf({ server, caller }: CredentialOwner, name: string): string {
  return `${CREDENTIALS}${server}/${caller === undefined ? 'shared' : hash(caller)}/${hash(name)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function open(key: Buffer, place: string, value: JsonValue): string {
  const bytes = Buffer.from((value as { readonly sealed: string }).sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
}
