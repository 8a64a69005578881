import type { Put } from '../store/store.js';
import { historyKey } from './document-keys.js';

/** One write on its way into the history. */
export interface HistoryDraft {
  readonly revision: number;
  /** JSON. */
  readonly text: string;
}

interface Slot {
  readonly slot: number;
  readonly revision: number;
  readonly bytes: number;
}

/** What a commit writes to a history, and how the history is after it. */
export interface HistoryChange {
  readonly puts: readonly Put[];
  readonly deletes: readonly string[];
  readonly slots: readonly Slot[];
}

/**
 * Where the last writes of a document are kept: a ring of entries, so that one write is one entry and none has to be deleted for it.
 * Only when the bytes are past their bound are old ones deleted.
 */
export class History {
  /** Oldest first. */
  #slots: readonly Slot[] = [];

  constructor(
    private readonly document: string,
    private readonly bounds: { readonly historyEntries: number; readonly historyBytes: number },
  ) {}

  /** Where entries are, latest first. */
  keys(): string[] {
    return this.#slots.map(({ slot }) => historyKey(this.document, slot)).reverse();
  }

  /** The latest revision that it has. */
  get revision(): number {
    return this.#slots.at(-1)?.revision ?? 0;
  }

  /** Takes in an entry that was read; in any order. */
  restore(slot: number, revision: number, bytes: number): void {
    this.#slots = [...this.#slots, { slot, revision, bytes }].sort((a, b) => a.revision - b.revision);
  }

  /** What it takes to add writes. */
  adding(drafts: readonly HistoryDraft[]): HistoryChange {
    const { historyEntries, historyBytes } = this.bounds;
    const puts = new Map<number, string>();
    const slots = [...this.#slots];
    let next = ((slots.at(-1)?.slot ?? -1) + 1) % historyEntries;
    for (const { revision, text } of drafts.slice(-historyEntries)) {
      // The ring is full, or was made smaller: the oldest is in the way, or is one too many.
      const taken = slots.findIndex(({ slot }) => slot === next);
      if (taken >= 0) slots.splice(taken, 1);
      slots.push({ slot: next, revision, bytes: text.length });
      puts.set(next, text);
      next = (next + 1) % historyEntries;
    }
    const deletes: string[] = [];
    let bytes = slots.reduce((sum, slot) => sum + slot.bytes, 0);
    while (slots.length > 1 && (bytes > historyBytes || slots.length > historyEntries)) {
      const oldest = slots.shift();
      if (oldest === undefined) break;
      bytes -= oldest.bytes;
      if (!puts.delete(oldest.slot)) deletes.push(historyKey(this.document, oldest.slot));
    }
    return {
      puts: [...puts].map(([slot, text]) => ({ key: historyKey(this.document, slot), text })),
      deletes,
      slots,
    };
  }

  /** A change was committed. */
  added({ slots }: HistoryChange): void {
    this.#slots = slots;
  }
}
