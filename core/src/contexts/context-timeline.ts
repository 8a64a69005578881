import { inject, injectable } from 'tsyringe';
import type { EntriesPage, TimelineEntry, TimelineItem, TimelineSource } from '../timeline/timeline-source.js';
import { ContextAccess } from './context-access.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { Transcript } from './transcript.js';
import type { TranscriptEntry } from './transcript-entry.js';

/** Types of entries about messages and tasks. */
const TOLD_THERE: ReadonlySet<string> = new Set(['messageSent', 'messageSettled', 'task', 'artifact']);
/** No entry has a greater number. */
const LAST = 999_999_999_999_999;

/** Contexts as timelines tell them: each with what was said in it. */
@injectable()
export class ContextTimeline implements TimelineSource {
  constructor(
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(Transcript) private readonly transcript: Transcript,
  ) {}

  async find(contextId: string): Promise<TimelineItem | undefined> {
    const conversation = await this.conversations.find(contextId);
    if (conversation === undefined) return undefined;
    return {
      kind: 'context',
      id: contextId,
      isParty: (principal) => this.access.reads(principal, conversation),
      entries: (from, limit) => this.#entries(conversation, from, limit),
    };
  }

  /** At 0 is the context, at each other place the entry with this number. */
  async #entries(conversation: Conversation, from: number, limit: number): Promise<EntriesPage> {
    const found = from === 0 ? [wholeOf(conversation)] : [];
    const first = Math.max(conversation.context.first, from, 1);
    if (found.length === limit) return { entries: found, next: first, more: true };
    const page = await this.transcript.between(conversation, first, LAST, limit - found.length);
    const next = (page.entries.at(-1)?.entry ?? first - 1) + 1;
    return {
      entries: [...found, ...page.entries.filter(isOwn).map((entry) => entryOf(conversation, entry))],
      next,
      more: page.more,
    };
  }
}

function wholeOf({ id, context }: Conversation): TimelineEntry {
  const { createdAt, createdBy, state, turns } = context;
  return {
    id: `context/${id}`,
    kind: 'context',
    at: new Date(createdAt).toISOString(),
    ...(state === 'open' ? {} : { outcome: state }),
    principal: createdBy,
    details: { state, turns },
  };
}

/** What a message or task of the context says is told by that itself. */
function isOwn({ type }: TranscriptEntry): boolean {
  return !TOLD_THERE.has(type);
}

function entryOf({ id }: Conversation, { entry, at, by, agent, type, inReplyTo }: TranscriptEntry): TimelineEntry {
  return {
    id: `context/${id}/entry/${String(entry)}`,
    cause: inReplyTo === undefined ? `context/${id}` : `context/${id}/entry/${String(inReplyTo)}`,
    kind: 'entry',
    at,
    principal: by,
    ...(agent === undefined ? {} : { agent }),
    details: { type, entry },
  };
}
