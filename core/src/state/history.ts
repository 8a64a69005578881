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

/** A place in the ring; without bytes it is free. */
interface Slot {
  readonly revision: number;
  readonly bytes: number;
  readonly replaced: boolean;
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

const FREE: Slot = { revision: 0, bytes: 0, replaced: false };

/**
 * Where the last writes of a document are kept: a ring of entries, so that one write is one entry and none has to be deleted for it.
 * Only when the bytes are past their bound are old ones deleted.
 */
export class History {
  readonly #slots = new Map<number, Slot>();
  #next = 0;
  #bytes = 0;
  #revision = 0;

  constructor(
    private readonly document: string,
    private readonly bounds: { readonly historyEntries: number; readonly historyBytes: number },
  ) {}

  /** Keys of its entries, in no order. */
  keys(): string[] {
    return [...this.#slots.keys()].map((slot) => historyKey(this.document, slot));
  }

  /** The latest revision that it has. */
  get revision(): number {
    return this.#revision;
  }

  /** Where the writes after a revision are, in order; undefined when one of them is no longer kept. */
  since(revision: number): HistoryPlace[] | undefined {
    if (revision > this.#revision) return undefined;
    const places: HistoryPlace[] = [];
    for (const [slot, { revision: wrote, replaced }] of this.#slots) {
      if (wrote > revision && !replaced) places.push({ revision: wrote, key: historyKey(this.document, slot) });
    }
    // Every revision was one write.
    if (places.length !== this.#revision - revision) return undefined;
    return places.sort((a, b) => a.revision - b.revision);
  }

  /** Takes in an entry that was read; in any order. */
  restore(slot: number, revision: number, bytes: number, replaced: boolean): void {
    this.#set(slot, { revision, bytes, replaced });
    if (revision < this.#revision || replaced) return;
    this.#revision = revision;
    this.#next = (slot + 1) % this.bounds.historyEntries;
  }

  /** What it takes to add writes, oldest first. */
  adding(drafts: readonly HistoryDraft[]): HistoryChange {
    const { historyEntries, historyBytes } = this.bounds;
    const kept = drafts.length > historyEntries ? drafts.slice(-historyEntries) : drafts;
    const changed = new Map<number, Slot>();
    const puts: Put[] = [];
    let next = this.#next;
    let bytes = this.#bytes;
    for (const { revision, text, replaced = false } of kept) {
      bytes += text.length - (this.#slots.get(next) ?? FREE).bytes;
      changed.set(next, { revision, bytes: text.length, replaced });
      puts.push({ key: historyKey(this.document, next), text });
      next = (next + 1) % historyEntries;
    }
    const deletes = bytes > historyBytes ? this.#oldest(changed, bytes - historyBytes) : [];
    for (const slot of deletes) changed.set(slot, FREE);
    return {
      puts,
      deletes: deletes.map((slot) => historyKey(this.document, slot)),
      applied: () => {
        for (const [slot, is] of changed) this.#set(slot, is);
        this.#next = next;
        this.#revision = kept.at(-1)?.revision ?? this.#revision;
      },
    };
  }

  /** The oldest places beside those that change, until enough bytes are free. */
  #oldest(except: ReadonlyMap<number, Slot>, excess: number): number[] {
    const others = [...this.#slots].filter(([slot]) => !except.has(slot));
    others.sort(([, a], [, b]) => a.revision - b.revision);
    const found: number[] = [];
    let left = excess;
    for (const [slot, { bytes }] of others) {
      if (left <= 0) break;
      found.push(slot);
      left -= bytes;
    }
    return found;
  }

  #set(slot: number, is: Slot): void {
    this.#bytes += is.bytes - (this.#slots.get(slot) ?? FREE).bytes;
    if (is === FREE) this.#slots.delete(slot);
    else this.#slots.set(slot, is);
  }
}
