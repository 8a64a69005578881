import { inject, injectable } from 'tsyringe';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import type { Effect } from '../store/effects.js';
import { ContextAccess } from './context-access.js';
import { contextRecord } from './context-view.js';
import type { ContextRecord } from './context-view.js';
import { ContextWriter } from './context-writer.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { TurnKeeper } from './turn-keeper.js';

/** Runs what calls change in a context: each once for its idempotency key, one after another, with the turn as it is by then. */
@injectable()
export class ContextCalls {
  constructor(
    @inject(Effects) private readonly effects: Effects,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(TurnKeeper) private readonly keeper: TurnKeeper,
    @inject(ContextAccess) private readonly access: ContextAccess,
  ) {}

  /**
   * @param run answers what is kept for the key: ids and numbers, never contents
   * @throws OrchestratorError `not_found`, `conflict`, and what `run` throws
   */
  perform<T>(
    call: Call,
    params: { readonly contextId: string; readonly idempotencyKey?: string },
    run: (conversation: Conversation, effect: Effect) => Promise<T>,
  ): Promise<T> {
    return this.effects.perform(call, params, (effect) =>
      this.writer.run(params.contextId, async () => {
        const conversation = await this.conversations.get(params.contextId);
        await this.keeper.settle(conversation);
        return run(conversation, effect);
      }),
    );
  }

  /** As {@link ContextCalls.perform}, and answers the context as it is then. @throws OrchestratorError as {@link ContextCalls.record} */
  async change(
    call: Call,
    params: { readonly contextId: string; readonly idempotencyKey?: string },
    run: (conversation: Conversation, effect: Effect) => Promise<object>,
  ): Promise<ContextRecord> {
    const made = { now: false };
    await this.perform(call, params, async (conversation, effect) => {
      const answer = await run(conversation, effect);
      made.now = true;
      return answer;
    });
    return this.record(call, params.contextId, made.now);
  }

  /**
   * The context that a call changed, as it is now.
   *
   * @param changed by this very call; who only repeats one may have been removed since
   * @throws OrchestratorError `not_found` for who repeats a call and may not read the context any more
   */
  async record(call: Call, contextId: string, changed: boolean): Promise<ContextRecord> {
    const conversation = await this.conversations.get(contextId);
    if (!changed) this.access.expectReader(call.principal, conversation);
    return contextRecord(conversation);
  }
}
