import type { Put } from '../store/store.js';
import { historyKey } from './document-keys.js';

/** One write on its way into the history. */
export interface HistoryDraft {
  readonly revision: number;
  /** JSON. */
  readonly text: string;
  /** Whether it keeps what an earlier write had written, beside the entry of that write. */
  readonly replaced?: boolean;
}

/** Where a write is kept. */
export interface HistoryPlace {
  readonly revision: number;
  readonly key: string;
}

/** What a commit writes to a history. */
export interface HistoryChange {
  readonly puts: readonly Put[];
  readonly deletes: readonly string[];
  /** The change was committed. */
  applied(): void;
}

const NONE: readonly number[] = [];

/**
 * Where the last writes of a document are kept: a ring of entries, so that one write is one entry and none has to be deleted for it.
 * Only when the bytes are past their bound are old ones deleted.
 */
export class History {
  /** Of the write in each place. Plain numbers, as a document may have hundreds of places, each written anew again and again. */
  readonly #revisions: number[] = [];
  /** Of each place; 0 where it is free. */
  readonly #sizes: number[] = [];
  /** Places that keep what an earlier write had written, beside the entry of that write. */
  readonly #replaced = new Set<number>();
  #next = 0;
  #bytes = 0;
  #revision = 0;

  constructor(
    private readonly document: string,
    private readonly bounds: { readonly historyEntries: number; readonly historyBytes: number },
  ) {}

  /** Keys of its entries, in no order. */
  keys(): string[] {
    return [...this.#taken()].map((slot) => historyKey(this.document, slot));
  }

  /** The latest revision that it has. */
  get revision(): number {
    return this.#revision;
  }

  /** Where the writes after a revision are, in order; undefined when one of them is no longer kept. */
  since(revision: number): HistoryPlace[] | undefined {
    if (revision > this.#revision) return undefined;
    const places: HistoryPlace[] = [];
    for (const slot of this.#taken()) {
      const wrote = this.#revisions[slot] ?? 0;
      if (wrote > revision && !this.#replaced.has(slot)) {
        places.push({ revision: wrote, key: historyKey(this.document, slot) });
      }
    }
    // Every revision was one write.
    if (places.length !== this.#revision - revision) return undefined;
    return places.sort((a, b) => a.revision - b.revision);
  }

  /** Takes in an entry that was read; in any order. */
  restore(slot: number, revision: number, bytes: number, replaced: boolean): void {
    this.#set(slot, revision, bytes, replaced);
    if (revision < this.#revision || replaced) return;
    this.#revision = revision;
    this.#next = (slot + 1) % this.bounds.historyEntries;
  }

  /** What it takes to add writes, oldest first. */
  adding(drafts: readonly HistoryDraft[]): HistoryChange {
    const { historyEntries, historyBytes } = this.bounds;
    const kept = drafts.length > historyEntries ? drafts.slice(-historyEntries) : drafts;
    const first = this.#next;
    let bytes = this.#bytes;
    const puts = kept.map(({ text }, i): Put => {
      const slot = (first + i) % historyEntries;
      bytes += text.length - (this.#sizes[slot] ?? 0);
      return { key: historyKey(this.document, slot), text };
    });
    const freed = bytes > historyBytes ? this.#oldest(first, kept.length, bytes - historyBytes) : NONE;
    return {
      puts,
      deletes: freed.map((slot) => historyKey(this.document, slot)),
      applied: () => {
        for (const slot of freed) this.#set(slot, 0, 0, false);
        for (const { revision, text, replaced = false } of kept) {
          this.#set(this.#next, revision, text.length, replaced);
          this.#next = (this.#next + 1) % historyEntries;
          this.#revision = revision;
        }
      },
    };
  }

  /** The oldest places beside `count` from `first` on, until enough bytes are free. */
  #oldest(first: number, count: number, excess: number): number[] {
    const { historyEntries } = this.bounds;
    // A place past the ring is from when its bound was larger.
    const isKept = (slot: number) =>
      slot >= historyEntries || (slot - first + historyEntries) % historyEntries >= count;
    const others = [...this.#taken()].filter(isKept);
    others.sort((a, b) => (this.#revisions[a] ?? 0) - (this.#revisions[b] ?? 0));
    const found: number[] = [];
    let left = excess;
    for (const slot of others) {
      if (left <= 0) break;
      found.push(slot);
      left -= this.#sizes[slot] ?? 0;
    }
    return found;
  }

  *#taken(): Iterable<number> {
    for (const [slot, bytes] of this.#sizes.entries()) if (bytes > 0) yield slot;
  }

  #set(slot: number, revision: number, bytes: number, replaced: boolean): void {
    while (this.#revisions.length <= slot) {
      this.#revisions.push(0);
      this.#sizes.push(0);
    }
    this.#bytes += bytes - (this.#sizes[slot] ?? 0);
    this.#revisions[slot] = revision;
    this.#sizes[slot] = bytes;
    if (replaced) this.#replaced.add(slot);
    else this.#replaced.delete(slot);
  }
}
