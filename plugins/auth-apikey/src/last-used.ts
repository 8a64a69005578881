import type { Clock, Log, Store } from '@ai-orchestrator/core/plugin';

const PREFIX = 'key-used/';
const END = 'key-used0';
const PAGE = 1000;

/** When each key was last logged in with: exact in memory, written now and then, several in one commit. */
export class LastUsed {
  readonly #at = new Map<string, number>();
  readonly #unwritten = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async load(): Promise<void> {
    let from: string | undefined = PREFIX;
    while (from !== undefined) {
      const page = await this.store.range({ from, to: END, limit: PAGE });
      for (const { key, value } of page.entries) this.#at.set(key.slice(PREFIX.length), Number(value));
      from = page.next;
    }
  }

  of(keyId: string): number | undefined {
    return this.#at.get(keyId);
  }

  used(keyId: string): void {
    this.#at.set(keyId, this.clock.now());
    this.#unwritten.add(keyId);
  }

  /** What a commit that deletes the key has to delete besides. */
  forget(keyId: string): string {
    this.#at.delete(keyId);
    this.#unwritten.delete(keyId);
    return PREFIX + keyId;
  }

  /** Writes what is new; what cannot be written now is tried again next time. */
  async write(): Promise<void> {
    const batch = [...this.#unwritten].slice(0, PAGE);
    if (batch.length === 0) return;
    for (const keyId of batch) this.#unwritten.delete(keyId);
    try {
      await this.store.commit({ puts: batch.map((id) => ({ key: PREFIX + id, value: this.#at.get(id) ?? 0 })) });
    } catch (error) {
      for (const keyId of batch) this.#unwritten.add(keyId);
      this.log.warn({ err: error, keys: batch.length }, 'could not write when keys were last used; will try again');
    }
  }
}
