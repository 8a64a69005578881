import type { contextMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock, Timers } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import { Store } from '../store/store.js';
import type { Commit } from '../store/store.js';
import { ContextAccess } from './context-access.js';
import { contextDrafts } from './context-drafts.js';
import { after, entryKey, erasingKey, ERASING_PREFIX, ownerKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import { ContextService } from './context-service.js';
import { ContextWriter } from './context-writer.js';
import type { ErasureSource } from './contexts.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { NO_TURN } from './stored-context.js';
import type { Erased, StoredContext } from './stored-context.js';

const AT_ONCE = 100;
const NOTHING: Erased = { entries: 0, messages: 0, tasks: 0, state: 0, bytes: 0 };
const COUNTED: Readonly<Record<ErasureSource['kind'], keyof Erased>> = {
  message: 'messages',
  task: 'tasks',
  state: 'state',
};

/**
 * Erases contexts: closes them for ever, deletes all content that belongs to them wherever it is kept, and has the store rewritten so
 * that it is in no file any more. What stays is who took part, numbers and hashes. An erasure that was interrupted goes on by itself.
 */
@injectable()
export class ContextErasure {
  readonly #running = new Map<string, Promise<Erased>>();
  #purgedAt = -Infinity;
  #stopped = false;

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Effects) private readonly effects: Effects,
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(ContextService) private readonly contexts: ContextService,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  /** Goes on with erasures that were interrupted, once everything that keeps content has told so; answers how to stop. */
  start(onSweepError: (error: unknown) => void): () => Promise<void> {
    let sweeping: Promise<void> = this.sweep().catch(onSweepError);
    const timer = this.timers.every(this.limits.sweepMs, () => {
      sweeping = sweeping.then(() => this.sweep()).catch(onSweepError);
    });
    return async () => {
      this.#stopped = true;
      timer.cancel();
      await sweeping;
      await Promise.allSettled(this.#running.values());
    };
  }

  erase(
    params: HandlerParamsOf<typeof contextMethods.contextErase>,
    call: Call,
  ): Promise<ResultOf<typeof contextMethods.contextErase>> {
    return this.effects.perform(call, params, async () => {
      const conversation = await this.conversations.get(params.contextId);
      this.access.expectModerator(call.principal, conversation);
      const { erased } = conversation.context;
      if (erased !== undefined) return { erased: erased.removed };
      await this.#begin(conversation, params.reason, call);
      return { erased: await this.#finish(conversation, call.principal.id) };
    });
  }

  /** Ends the erasures that were begun. */
  async sweep(): Promise<void> {
    const { entries } = await this.store.range({ from: ERASING_PREFIX, to: after(ERASING_PREFIX), limit: AT_ONCE });
    for (const { key, value } of entries) {
      if (this.#stopped) return;
      const conversation = await this.conversations.find(key.slice(ERASING_PREFIX.length));
      if (conversation?.context.state === 'erasing') await this.#finish(conversation, value as string);
    }
  }

  /** From then on nothing is added to it, and what was on its way is stored before. Who finds it begun waits until that is on disk. */
  #begin(conversation: Conversation, reason: string | undefined, call: Call): Promise<void> {
    const { id } = conversation;
    return this.writer.run(id, async () => {
      const { context } = conversation;
      if (context.state === 'erasing' || context.state === 'erased') return;
      await this.writer.write(
        conversation,
        {
          context: tombstone(context, this.clock.now()),
          turn: NO_TURN,
          puts: [{ key: erasingKey(id), value: call.principal.id }],
          events: () => [contextDrafts.erasing(id, reason, call)],
        },
        this.writer.plain(),
        () => [],
      );
    });
  }

  /** All who ask at the same time wait for the same erasure. */
  #finish(conversation: Conversation, by: string): Promise<Erased> {
    const { id } = conversation;
    const running = this.#running.get(id) ?? this.#eraseAll(conversation, by).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    return running;
  }

  async #eraseAll(conversation: Conversation, by: string): Promise<Erased> {
    const { id } = conversation;
    while (conversation.context.first < conversation.transcript.next) {
      await this.writer.run(id, () => this.#eraseEntries(conversation));
    }
    for (const source of this.contexts.sources) {
      const { items, bytes } = await source.erase(id);
      await this.writer.run(id, () => this.#count(conversation, { [COUNTED[source.kind]]: items, bytes }));
    }
    await this.#purge();
    return this.writer.run(id, () => this.#end(conversation, by));
  }

  async #eraseEntries(conversation: Conversation): Promise<void> {
    const { id, context, transcript } = conversation;
    const first = Math.min(context.first + AT_ONCE, transcript.next);
    const keys = Array.from({ length: first - context.first }, (_, i) => entryKey(id, context.first + i));
    const found = (await this.store.getTexts(keys)).filter((each) => each !== undefined);
    const removed = found.map(({ key, text }) => ({ key, bytes: Buffer.byteLength(text) }));
    const bytes = removed.reduce((sum, each) => sum + each.bytes, 0);
    const next = counted({ ...context, first }, { entries: removed.length, bytes });
    await this.writer.write(conversation, { context: next, removed, events: () => [] }, this.writer.plain(), () => []);
  }

  async #count(conversation: Conversation, more: Partial<Erased>): Promise<void> {
    const context = counted(conversation.context, more);
    await this.writer.write(conversation, { context, events: () => [] }, this.writer.plain(), () => []);
  }

  async #end(conversation: Conversation, by: string): Promise<Erased> {
    const { id } = conversation;
    const { removed = NOTHING, ...context } = conversation.context;
    const owner = ownerKey(context.createdBy);
    return this.writer.run(owner, async () => {
      await this.writer.write(
        conversation,
        {
          context: { ...context, state: 'erased', erased: { at: this.clock.now(), by, removed } },
          deletes: [erasingKey(id)],
          events: () => [contextDrafts.erased(id, removed, by)],
          ...(await this.#oneLess(owner)),
        },
        this.writer.plain(),
        () => [],
      );
      return removed;
    });
  }

  async #oneLess(key: string): Promise<Pick<Commit, 'checks' | 'puts'>> {
    const entry = await this.store.get(key);
    if (entry === undefined) return {};
    return {
      checks: [{ key, revision: entry.revision }],
      puts: [{ key, value: Math.max(0, Number(entry.value) - 1) }],
    };
  }

  /** One run for all who wait, and a pause between two: it rewrites the whole store. */
  async #purge(): Promise<void> {
    const wait = this.#purgedAt + this.limits.purgePauseMs - this.clock.monotonicMs();
    if (wait > 0) await new Promise<void>((resolve) => this.timers.after(wait, resolve));
    await this.store.purge();
    this.#purgedAt = this.clock.monotonicMs();
  }
}

/** Without what anybody wrote: who took part and when stays. */
function tombstone(context: StoredContext, now: number): StoredContext {
  const { id, turns, turnMs, originalMs, createdBy, createdAt, participants, first } = context;
  const stays = { id, turns, turnMs, originalMs, createdBy, createdAt, participants, first };
  return { ...stays, state: 'erasing', updatedAt: now };
}

function counted(context: StoredContext, more: Partial<Erased>): StoredContext {
  const { removed = NOTHING } = context;
  const sum = (name: keyof Erased): number => removed[name] + (more[name] ?? 0);
  const total = {
    entries: sum('entries'),
    messages: sum('messages'),
    tasks: sum('tasks'),
    state: sum('state'),
    bytes: sum('bytes'),
  };
  return { ...context, removed: total };
}
