import { inject, injectable } from 'tsyringe';
import { Store } from '../store/store.js';
import { entryKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import type { Conversation } from './conversation.js';
import type { TranscriptEntry } from './transcript-entry.js';

/** Some entries, and whether there are more in that direction. */
export interface TranscriptPage {
  readonly entries: readonly TranscriptEntry[];
  readonly more: boolean;
}

/** Reads transcripts, page by page, each bounded in entries and bytes. */
@injectable()
export class Transcript {
  constructor(
    @inject(Store) private readonly store: Store,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  /**
   * Entries with numbers between the two.
   *
   * @param from the oldest that may be given
   * @param to the newest
   * @param newestFirst whether to begin at the newest
   */
  async between(
    conversation: Conversation,
    from: number,
    to: number,
    limit: number,
    newestFirst = false,
  ): Promise<TranscriptPage> {
    const { id } = conversation;
    const entries: TranscriptEntry[] = [];
    let bytes = 0;
    let bounds = { from: entryKey(id, from), to: entryKey(id, to + 1) };
    for (;;) {
      const wanted = Math.min(limit - entries.length, this.#atOnce(conversation));
      const page = await this.store.range({ ...bounds, limit: wanted, reverse: newestFirst });
      for (const { value } of page.entries) {
        const entry = value as unknown as TranscriptEntry;
        entries.push(entry);
        bytes += entry.payload === undefined ? 0 : JSON.stringify(entry.payload).length;
      }
      if (page.next === undefined) return { entries, more: false };
      if (entries.length === limit || bytes >= this.limits.pageBytes) return { entries, more: true };
      bounds = newestFirst ? { ...bounds, to: page.next } : { ...bounds, from: page.next };
    }
  }

  /** One entry, if it is kept. */
  async one({ id }: Conversation, entry: number): Promise<TranscriptEntry | undefined> {
    return (await this.store.get(entryKey(id, entry)))?.value as unknown as TranscriptEntry | undefined;
  }

  /** So many entries of the usual size are about a page. */
  #atOnce({ transcript: { count, bytes } }: Conversation): number {
    return Math.min(1000, Math.max(4, Math.ceil(this.limits.pageBytes / (bytes / Math.max(1, count) + 1))));
  }
}
