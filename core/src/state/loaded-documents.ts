import type { Document } from './document.js';

/** A document that is in use. */
export interface Loaded {
  readonly document: Document;
  /** Reads it again from the store. */
  reload(): Promise<void>;
  /** It is read again at its next use. */
  drop(): void;
}

class Slot implements Loaded {
  /** Who uses it now; it stays meanwhile. */
  uses = 0;
  stale = false;
  /** As they were last counted. */
  bytes = 0;

  constructor(
    private readonly load: () => Promise<Document>,
    public document: Document,
  ) {}

  async reload(): Promise<void> {
    this.document = await this.load();
    this.stale = false;
  }

  drop(): void {
    this.stale = true;
  }
}

/** Documents in memory: those used last, up to bounds of count and bytes, and those in use. */
export class LoadedDocuments {
  /** Least recently used first. */
  readonly #slots = new Map<string, Slot>();
  readonly #loading = new Map<string, Promise<Slot>>();
  /** Those that were dropped while they were read. */
  readonly #dropped = new Set<string>();
  #bytes = 0;

  constructor(
    private readonly limits: { readonly loadedDocuments: number; readonly loadedBytes: number },
    private readonly load: (key: string) => Promise<Document>,
  ) {}

  get size(): { readonly documents: number; readonly bytes: number } {
    return { documents: this.#slots.size, bytes: this.#bytes };
  }

  /** Has a document in memory while `use` runs. */
  async get<T>(key: string, use: (loaded: Loaded) => T | Promise<T>): Promise<T> {
    let slot = this.#slots.get(key);
    if (slot === undefined || slot.stale) slot = await this.#read(key);
    const held = slot;
    held.uses++;
    this.#slots.delete(key);
    this.#slots.set(key, held);
    try {
      return await use(held);
    } finally {
      held.uses--;
      this.#count(held);
      this.#evict();
    }
  }

  /** A document is read again at its next use. */
  drop(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) slot.stale = true;
    // What is being read may be from before.
    if (this.#loading.has(key)) this.#dropped.add(key);
  }

  async #read(key: string): Promise<Slot> {
    const loading = this.#loading.get(key) ?? this.#start(key);
    return loading;
  }

  #start(key: string): Promise<Slot> {
    const loading = this.load(key)
      .then((document) => {
        const known = this.#slots.get(key);
        const slot = known ?? new Slot(() => this.load(key), document);
        slot.document = document;
        slot.stale = this.#dropped.has(key);
        this.#slots.set(key, slot);
        return slot;
      })
      .finally(() => {
        this.#loading.delete(key);
        this.#dropped.delete(key);
      });
    this.#loading.set(key, loading);
    return loading;
  }

  #count(slot: Slot): void {
    const { bytes } = slot.document.totals;
    this.#bytes += bytes - slot.bytes;
    slot.bytes = bytes;
  }

  #evict(): void {
    const { loadedDocuments, loadedBytes } = this.limits;
    for (const [key, slot] of this.#slots) {
      if (this.#slots.size <= loadedDocuments && this.#bytes <= loadedBytes) return;
      if (slot.uses > 0) continue;
      this.#slots.delete(key);
      this.#bytes -= slot.bytes;
    }
  }
}
