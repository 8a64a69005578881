import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Timer } from '../host/time.js';
import type { Put } from '../store/store.js';
import { entryKey, headKey } from './context-keys.js';
import type { ContextLimits } from './context-limits.js';
import type { StoredContext, StoredTurn, TranscriptHead } from './stored-context.js';
import { entryText } from './transcript-entry.js';
import type { EntryDraft } from './transcript-entry.js';

/** A change of a transcript that goes into the next commit; planned and handed to the store within one turn of the loop. */
export interface TranscriptPlan {
  /** Numbers of the new entries. */
  readonly numbers: readonly number[];
  readonly puts: readonly Put[];
  readonly deletes: readonly string[];
  /** The commit did not happen and never will. Its numbers stay unused. */
  failed(): void;
}

/** Revisions of what is stored of a context; 0 where nothing is. */
export interface ContextRevisions {
  readonly context: number;
  readonly turn: number;
}

/**
 * One context in memory. Its transcript's head is counted here and written behind, so that many commits may be on their way at once;
 * settings and turn are changed one after another, by {@link ContextWriter} alone.
 */
export class Conversation {
  /** Runs until the turn passes on by itself. */
  turnTimer: Timer | undefined;
  /** When that is, monotonic ms. */
  turnEnds = Infinity;

  constructor(
    readonly id: string,
    public context: StoredContext,
    public turn: StoredTurn,
    public revisions: ContextRevisions,
    private head: TranscriptHead,
    private readonly limits: ContextLimits,
  ) {}

  /** Name for the authorizer and the journal. */
  get resource(): string {
    return `context/${this.id}`;
  }

  /** How far the transcript is, with what is on its way to the store. */
  get transcript(): TranscriptHead {
    return this.head;
  }

  /** @throws OrchestratorError `context_closed` */
  expectOpen(): void {
    const { state } = this.context;
    if (state === 'open') return;
    throw new OrchestratorError('context_closed', `${this.id} is ${state}`, { resource: this.resource, state });
  }

  /**
   * Plans entries at the end.
   *
   * @param at wall-clock ms
   * @throws OrchestratorError `limit_exceeded` when the transcript is full
   */
  append(drafts: readonly EntryDraft[], at: number): TranscriptPlan {
    const { next, count, bytes } = this.head;
    const time = new Date(at).toISOString();
    const texts = drafts.map((draft, i) => entryText(next + i, time, draft));
    const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    this.#expectRoom('entries', count + drafts.length);
    this.#expectRoom('bytes', bytes + size);
    const puts = texts.map((text, i) => ({ key: entryKey(this.id, next + i), text }));
    const numbers = drafts.map((_, i) => next + i);
    return { numbers, ...this.#moved(drafts.length, size, puts, []) };
  }

  /** Plans notes about the conversation itself; a transcript that is full goes on without them. */
  note(drafts: readonly EntryDraft[], at: number): TranscriptPlan {
    try {
      return this.append(drafts, at);
    } catch (error) {
      if (!(error instanceof OrchestratorError && error.errorName === 'limit_exceeded')) throw error;
      return { numbers: [], puts: [], deletes: [], failed: () => undefined };
    }
  }

  /** Plans that entries are deleted. */
  remove(entries: readonly { readonly key: string; readonly bytes: number }[]): TranscriptPlan {
    const size = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const deletes = entries.map(({ key }) => key);
    return { numbers: [], ...this.#moved(-entries.length, -size, [], deletes) };
  }

  #moved(count: number, bytes: number, puts: readonly Put[], deletes: readonly string[]) {
    const before = this.head;
    const next = before.next + Math.max(0, count);
    this.head = { next, count: before.count + count, bytes: before.bytes + bytes };
    return {
      puts: [...puts, { key: headKey(this.id), value: { ...this.head } }],
      deletes,
      failed: () => {
        // What was planned since counts from here, so only the difference is taken back.
        const { next: now, ...sum } = this.head;
        this.head = { next: now, count: sum.count - count, bytes: sum.bytes - bytes };
      },
    };
  }

  #expectRoom(what: 'entries' | 'bytes', wanted: number): void {
    const limit = this.limits[what];
    if (wanted <= limit) return;
    throw new OrchestratorError(
      'limit_exceeded',
      `the transcript of ${this.id} would have ${String(wanted)} ${what}; at most ${String(limit)} (contexts.${what})`,
      { limit: `contexts.${what}`, value: limit },
    );
  }
}
