import { OrchestratorError } from '@ai-orchestrator/protocol';
import { LRUCache } from 'lru-cache';
import { inject, injectable } from 'tsyringe';
import { Store } from '../store/store.js';
import { contextKey, headKey, turnKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import { Conversation } from './conversation.js';
import { NO_TURN } from './stored-context.js';
import type { StoredContext, StoredTurn, TranscriptHead } from './stored-context.js';

const EMPTY: TranscriptHead = { next: 1, count: 0, bytes: 0 };

/**
 * The contexts in memory. There is never more than one object of a context: as long as anybody holds it, it is the one that is found,
 * because it counts what is on its way to the store. Beside those, the last ones used are kept.
 */
@injectable()
export class Conversations {
  readonly #known = new Map<string, WeakRef<Conversation>>();
  readonly #recent: LRUCache<string, Conversation>;
  readonly #loading = new Map<string, Promise<Conversation | undefined>>();
  readonly #gone = new FinalizationRegistry<string>((id) => {
    if (this.#known.get(id)?.deref() === undefined) this.#known.delete(id);
  });
  /** Called with each that was loaded. */
  onLoaded: (conversation: Conversation) => void = () => undefined;

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {
    this.#recent = new LRUCache({ max: limits.idleContexts });
  }

  /** Contexts in memory. */
  get size(): number {
    return this.#known.size;
  }

  /** Undefined when there is no such context. */
  async find(id: string): Promise<Conversation | undefined> {
    const known = this.#known.get(id)?.deref();
    if (known !== undefined) {
      this.#recent.set(id, known);
      return known;
    }
    const loading = this.#loading.get(id) ?? this.#load(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  /** @throws OrchestratorError `not_found` */
  async get(id: string): Promise<Conversation> {
    return (await this.find(id)) ?? notFound(id);
  }

  /** A context that is about to be stored for the first time. */
  begin(context: StoredContext): Conversation {
    return new Conversation(context.id, context, NO_TURN, { context: 0, turn: 0 }, EMPTY, this.limits);
  }

  /** A context that was stored for the first time. */
  add(conversation: Conversation): void {
    this.#known.set(conversation.id, new WeakRef(conversation));
    this.#gone.register(conversation, conversation.id);
    this.#recent.set(conversation.id, conversation);
  }

  /** Reads settings and turn again, where the store has others than memory. */
  async refresh(conversation: Conversation): Promise<void> {
    const { id } = conversation;
    const [context, turn] = await this.store.getMany([contextKey(id), turnKey(id)]);
    if (context === undefined) return;
    conversation.context = context.value as unknown as StoredContext;
    conversation.turn = (turn?.value as unknown as StoredTurn | undefined) ?? NO_TURN;
    conversation.revisions = { context: context.revision, turn: turn?.revision ?? 0 };
  }

  async #load(id: string): Promise<Conversation | undefined> {
    const [context, head, turn] = await this.store.getMany([contextKey(id), headKey(id), turnKey(id)]);
    if (context === undefined) return undefined;
    const conversation = new Conversation(
      id,
      context.value as unknown as StoredContext,
      (turn?.value as unknown as StoredTurn | undefined) ?? NO_TURN,
      { context: context.revision, turn: turn?.revision ?? 0 },
      (head?.value as unknown as TranscriptHead | undefined) ?? EMPTY,
      this.limits,
    );
    this.add(conversation);
    this.onLoaded(conversation);
    return conversation;
  }
}

/** @throws OrchestratorError `not_found`, also for those who may not know of it */
export function notFound(contextId: string): never {
  throw new OrchestratorError('not_found', `there is no context ${contextId} that you take part in`, {
    resource: `context/${contextId}`,
  });
}
