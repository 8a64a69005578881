import { inject, injectable } from 'tsyringe';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import type { Effect } from '../store/effects.js';
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
}
