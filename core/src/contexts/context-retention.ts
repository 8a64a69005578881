import { inject, injectable } from 'tsyringe';
import { Clock, Timers } from '../host/time.js';
import { Store } from '../store/store.js';
import { contextDrafts } from './context-drafts.js';
import { contextInDueKey, DUE_PREFIX, dueKey, entryKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import { ContextWriter } from './context-writer.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import type { StoredContext } from './stored-context.js';
import type { TranscriptEntry } from './transcript-entry.js';

/** Contexts looked at in one page, and entries deleted in one commit. */
const AT_ONCE = 100;

/** Entries at the beginning of a transcript that may go, and what then is the oldest. */
interface Ended {
  readonly removed: readonly { readonly key: string; readonly bytes: number }[];
  /** Number of the first entry that stays. */
  readonly first: number;
  /** When that was written, wall-clock ms; undefined when none is left. */
  readonly oldestAt: number | undefined;
  /** Whether more may go. */
  readonly more: boolean;
}

/** Deletes entries whose retention has ended: those older than their context keeps them, and those that a summary has long stood for. */
@injectable()
export class ContextRetention {
  #sweeping: Promise<void> = Promise.resolve();

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  /** Begins to look; answers how to stop. */
  start(onSweepError: (error: unknown) => void): () => Promise<void> {
    const timer = this.timers.every(this.limits.sweepMs, () => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch(onSweepError);
    });
    return async () => {
      timer.cancel();
      await this.#sweeping;
    };
  }

  /** Looks at every context that is due. */
  async sweep(): Promise<void> {
    const to = dueKey(this.clock.now() + 1, '');
    for (;;) {
      const { entries } = await this.store.range({ from: DUE_PREFIX, to, limit: AT_ONCE });
      if (entries.length === 0) return;
      for (const { key } of entries) {
        const id = contextInDueKey(key);
        await this.writer.run(id, () => this.#look(id, key));
      }
    }
  }

  /** Each look at a context moves its key, so that a sweep comes to an end. */
  async #look(id: string, key: string): Promise<void> {
    const conversation = await this.conversations.find(id);
    const due = conversation?.context.due;
    if (conversation === undefined || due === undefined || dueKey(due, id) !== key) {
      await this.store.commit({ deletes: [key] });
      return;
    }
    const now = this.clock.now();
    for (let more = true; more;) {
      const { context } = conversation;
      const ended = await this.#ended(conversation, now);
      more = ended.more;
      const next = trimmed(context, ended.first);
      const nextDue = more ? due : dueAgain(next, ended.oldestAt, now, this.limits.sweepMs);
      await this.writer.write(
        conversation,
        {
          context: { ...next, due: nextDue },
          removed: ended.removed,
          events: () =>
            ended.removed.length === 0 ? [] : [contextDrafts.trimmed(id, ended.first - 1, ended.removed.length)],
        },
        this.writer.plain(),
        () => [],
      );
    }
  }

  async #ended(conversation: Conversation, now: number): Promise<Ended> {
    const next = await this.writer.stored(conversation);
    const { id, context } = conversation;
    const { retentionMs, summary, originalMs } = context;
    const keptSince = retentionMs === undefined ? -Infinity : now - retentionMs;
    const covered = summary !== undefined && summary.at + originalMs <= now ? summary.upTo : 0;
    const last = Math.min(context.first + AT_ONCE, next);
    const keys = Array.from({ length: last - context.first }, (_, i) => entryKey(id, context.first + i));
    const removed: { key: string; bytes: number }[] = [];
    for (const [i, found] of (await this.store.getTexts(keys)).entries()) {
      // A number that was never used.
      if (found === undefined) continue;
      const number = context.first + i;
      const at = Date.parse((JSON.parse(found.text) as TranscriptEntry).at);
      if (number > covered && at > keptSince) return { removed, first: number, oldestAt: at, more: false };
      removed.push({ key: found.key, bytes: Buffer.byteLength(found.text) });
    }
    return { removed, first: last, oldestAt: undefined, more: last < next };
  }
}

/** A context without the entries before one; a summary that is among them stands for nothing any more. */
function trimmed(context: StoredContext, first: number): StoredContext {
  const { summary, ...rest } = context;
  return summary === undefined || summary.entry < first ? { ...rest, first } : { ...context, first };
}

/** When to look again; undefined when there is nothing to wait for. */
function dueAgain(
  context: StoredContext,
  oldestAt: number | undefined,
  now: number,
  sweepMs: number,
): number | undefined {
  const { retentionMs, summary, originalMs, first } = context;
  const aged =
    retentionMs === undefined
      ? Infinity
      : oldestAt === undefined
        ? now + Math.max(retentionMs, sweepMs)
        : oldestAt + retentionMs;
  const covered = summary !== undefined && first <= summary.upTo ? summary.at + originalMs : Infinity;
  const due = Math.min(aged, covered);
  return due === Infinity ? undefined : Math.max(due, now + 1);
}
