import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { contextMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { SubscriptionBatch } from '../rpc/session.js';
import { Signals } from '../store/signals.js';
import { Store } from '../store/store.js';
import { ContextAccess } from './context-access.js';
import { cursorText, readCursor } from './context-cursor.js';
import type { ContextCursor } from './context-cursor.js';
import { after, contextKey, memberPrefix, RECORD_PREFIX } from './context-keys.js';
import { contextRecord, contextSummary } from './context-view.js';
import type { ContextRecord } from './context-view.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import type { StoredContext } from './stored-context.js';
import { Transcript } from './transcript.js';
import type { TranscriptPage } from './transcript.js';
import type { TranscriptEntry } from './transcript-entry.js';

type Params<M extends keyof typeof contextMethods> = HandlerParamsOf<(typeof contextMethods)[M]>;
type List = ResultOf<typeof contextMethods.contextList>;
type Read = ResultOf<typeof contextMethods.contextRead>;

const DEFAULT_LIMIT = 100;
const WATCH_BATCH = 100;
/** No entry has a greater number. */
const LAST = 999_999_999_999_999;
const LIST_MARK = 'contexts:';

/** What those who take part in contexts read of them. */
@injectable()
export class ContextReading {
  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(Transcript) private readonly transcript: Transcript,
    @inject(Signals) private readonly signals: Signals,
  ) {}

  async get({ contextId }: Params<'contextGet'>, call: Call): Promise<ContextRecord> {
    return contextRecord(await this.#visible(contextId, call.principal));
  }

  async list(
    { all = false, limit = DEFAULT_LIMIT, cursor }: Params<'contextList'>,
    { principal }: Call,
  ): Promise<List> {
    if (all && !this.access.administers(principal)) {
      throw new OrchestratorError('permission_denied', 'all contexts are for who has context:admin', {
        permission: 'context:admin',
      });
    }
    const prefix = all ? RECORD_PREFIX : memberPrefix(principal.id);
    const last = cursor === undefined ? undefined : idIn(cursor);
    const from = last === undefined ? prefix : `${prefix}${last} `;
    const { entries, next } = await this.store.range({ from, to: after(prefix), limit });
    const ids = entries.map(({ key }) => key.slice(prefix.length));
    const found = all ? entries : await this.store.getMany(ids.map(contextKey));
    const contexts = found.flatMap((entry) => (entry === undefined ? [] : [entry.value as unknown as StoredContext]));
    const shown = contexts.filter(({ id }) => this.access.mayRead(principal, `context/${id}`));
    const page = { entries: shown.map(contextSummary) };
    const end = ids.at(-1);
    if (next === undefined || end === undefined) return page;
    return { ...page, cursor: Buffer.from(LIST_MARK + end).toString('base64url') };
  }

  async read(params: Params<'contextRead'>, call: Call): Promise<Read> {
    const { contextId, from = 'start', since = 0, include, limit = DEFAULT_LIMIT, cursor } = params;
    const conversation = await this.#visible(contextId, call.principal);
    const { summary } = conversation.context;
    const begins = from === 'start' ? since : conversation.transcript.next;
    const covering = include === undefined && summary !== undefined && since < summary.upTo ? summary : undefined;
    const at: ContextCursor =
      cursor === undefined
        ? { kind: from, entry: begins, summary: covering?.entry ?? 0, upTo: covering?.upTo ?? 0 }
        : readCursor(contextId, from, cursor);
    if (since > 0 && cursor === undefined) expectKept(conversation, Math.max(since, covering?.upTo ?? 0));
    const page = await this.#page(conversation, at, since, limit);
    const entries = include === undefined ? page.entries.filter(({ type }) => type !== 'summary') : page.entries;
    const { standsIn = [] } = page;
    const shown = from === 'start' ? [...standsIn, ...entries] : [...entries, ...standsIn];
    if (!page.more) return { entries: shown };
    const reached = page.entries.at(-1)?.entry ?? Math.max(at.entry, at.upTo);
    return { entries: shown, cursor: cursorText(contextId, { ...at, entry: reached }) };
  }

  async watch(
    { contextId, after: cursor }: Params<'contextWatch'>,
    call: Call,
  ): Promise<ResultOf<typeof contextMethods.contextWatch>> {
    const session = connectionOf(call);
    const conversation = await this.#visible(contextId, call.principal);
    const last = conversation.transcript.next - 1;
    const from = cursor === undefined ? last : readCursor(contextId, 'watch', cursor, '/after').entry;
    // What is on its way is at or before the last number; a cursor past it is of a store that was set back.
    if (from > last) throw expired(conversation);
    expectKept(conversation, from);
    const at = watchCursor(contextId, from);
    const follow = (signal: AbortSignal) => this.#follow(contextId, call.principal, from, signal);
    return { subscriptionId: session.subscribe(follow, at, 'context:read'), cursor: at };
  }

  /** Entries after one, each once, in order, as they come. */
  async *#follow(
    contextId: string,
    principal: Principal,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionBatch> {
    let last = from;
    while (!signal.aborted) {
      const woken = this.signals.wait(contextId, signal);
      for (;;) {
        const conversation = await this.conversations.get(contextId);
        if (!this.access.reads(principal, conversation)) {
          throw new OrchestratorError('permission_denied', 'does not take part any more', {
            permission: 'context:read',
            resource: conversation.resource,
          });
        }
        expectKept(conversation, last);
        const { entries } = await this.transcript.between(conversation, last + 1, LAST, WATCH_BATCH);
        if (entries.length === 0) break;
        last = entries.at(-1)?.entry ?? last;
        yield { entries, cursor: watchCursor(contextId, last) };
      }
      await woken;
    }
  }

  /** Entries in the direction of a cursor, and the summary that stands for the first ones, where it comes to that. */
  async #page(
    conversation: Conversation,
    at: ContextCursor,
    since: number,
    limit: number,
  ): Promise<TranscriptPage & { readonly standsIn?: readonly TranscriptEntry[] }> {
    const { kind, entry, summary, upTo } = at;
    const standsIn = async (): Promise<readonly TranscriptEntry[]> =>
      [await this.transcript.one(conversation, summary)].filter((each) => each !== undefined);
    if (kind === 'end') {
      const page = await this.transcript.between(conversation, Math.max(since, upTo) + 1, entry - 1, limit, true);
      return page.more || summary === 0 ? page : { ...page, standsIn: await standsIn() };
    }
    const first = summary > 0 && entry < upTo ? await standsIn() : [];
    if (first.length === limit) return { entries: [], more: true, standsIn: first };
    const page = await this.transcript.between(conversation, Math.max(entry, upTo) + 1, LAST, limit - first.length);
    return { ...page, standsIn: first };
  }

  async #visible(contextId: string, principal: Principal): Promise<Conversation> {
    const conversation = await this.conversations.get(contextId);
    this.access.expectReader(principal, conversation);
    return conversation;
  }
}

/** Where somebody stands who has seen everything up to an entry. */
export function watchCursor(contextId: string, entry: number): string {
  return cursorText(contextId, { kind: 'watch', entry, summary: 0, upTo: 0 });
}

function expectKept(conversation: Conversation, last: number): void {
  if (last + 1 < conversation.context.first) throw expired(conversation);
}

function expired({ id, context }: Conversation): OrchestratorError {
  return new OrchestratorError('cursor_expired', `entries of ${id} before ${context.first} are no longer kept`, {
    first: context.first,
  });
}

function idIn(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (text.startsWith(LIST_MARK)) return text.slice(LIST_MARK.length);
  const issues = [{ path: '/cursor', message: 'must come from an earlier answer of this method' }];
  throw new OrchestratorError('invalid_params', '/cursor must come from an earlier answer of this method', { issues });
}
