import type { ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';

/** One record of the journal. */
export type JournalRecord = ResultOf<Methods['journal.read']>['entries'][number];

interface Batch<Entry> {
  readonly entries: readonly Entry[];
  readonly cursor: string;
}

/** A subscription to its owner, who does not care of what. */
export type AnySubscription = Subscription<unknown>;

/** What a subscription asks of its owner. */
export interface SubscriptionOwner {
  /** Entries that may wait for the reader. */
  readonly maxBufferedEntries: number;
  /** Too many entries wait: send no more, and forget what is under way. */
  pause(subscription: AnySubscription): void;
  /** There is room again: go on after `received`. */
  resume(subscription: AnySubscription): void;
  /** The reader has gone. */
  end(subscription: AnySubscription): void;
}

/**
 * A log as it comes, the journal's or another, over all reconnects: every entry once and in order. Made to be read by one `for await`,
 * whose end is the subscription's; it throws `cursor_expired` when entries after the last one are no longer kept.
 */
export class Subscription<Entry = JournalRecord> implements AsyncIterable<Entry> {
  /** Where to go on after a restart: after the last batch of which every entry was taken. */
  cursor: string | undefined;
  /** After the last batch that came. @internal */
  received: string | undefined;
  readonly #owner: SubscriptionOwner;
  readonly #batches: Batch<Entry>[] = [];
  #waiting = 0;
  #paused = false;
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;

  /** @internal */
  constructor(owner: SubscriptionOwner, after: string | undefined) {
    this.#owner = owner;
    this.cursor = this.received = after;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, void> {
    try {
      for (;;) {
        const batch = this.#batches.shift();
        if (batch) {
          yield* batch.entries;
          this.cursor = batch.cursor;
          this.#taken(batch.entries.length);
        } else if (this.#end) {
          if (this.#end.error) throw this.#end.error;
          return;
        } else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.close();
    }
  }

  /** Ends the subscription; what has come can still be read. */
  close(): void {
    if (this.#end) return;
    this.finish();
    this.#owner.end(this);
  }

  /** It was opened, and starts after this cursor. @internal */
  opened(cursor: string): void {
    this.received ??= cursor;
    this.cursor ??= cursor;
  }

  /** @internal */
  push(batch: Batch<Entry>): void {
    this.#batches.push(batch);
    this.received = batch.cursor;
    this.#waiting += batch.entries.length;
    if (this.#waiting > this.#owner.maxBufferedEntries && !this.#paused) {
      this.#paused = true;
      this.#owner.pause(this);
    }
    this.#wake?.();
  }

  /** Nothing more will come. @internal */
  finish(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake?.();
  }

  /** @internal */
  get paused(): boolean {
    return this.#paused;
  }

  #taken(entries: number): void {
    this.#waiting -= entries;
    if (!this.#paused || this.#waiting > this.#owner.maxBufferedEntries / 2 || this.#end) return;
    this.#paused = false;
    this.#owner.resume(this);
  }
}
