import { token } from '../plugin/token.js';
import type { Call } from '../rpc/call.js';
import type { Commit } from './store.js';

/** What an effect of one call commits with: its answer becomes durable in the same commit. */
export interface Effect {
  /**
   * Answers the revision.
   *
   * @param answer what the call answers once this is committed; a JSON value
   * @throws OrchestratorError `conflict` naming the key when a check does not hold
   */
  commit(commit: Commit, answer: unknown): Promise<number>;
  /**
   * What a commit must have besides, where somebody makes one of several effects: with it, this effect's answer is durable. Whoever
   * asks for it makes that commit before the effect ends, or lets the effect fail.
   */
  kept(answer: unknown): Commit;
}

/** Makes effects happen once for each idempotency key of a principal. */
export interface Effects {
  /**
   * Runs an effect, or answers what it answered before under the same key. Without a key it just runs.
   *
   * @param stillHolds whether the kept answer may be given again; where not, the effect runs again and its answer is not kept
   * @throws OrchestratorError `conflict` when the key came with other params, `limit_exceeded` past the principal's bound of keys
   */
  perform<T>(
    call: Pick<Call, 'method' | 'principal'>,
    params: { readonly idempotencyKey?: string | undefined },
    run: (effect: Effect) => Promise<T>,
    stillHolds?: (answer: T) => boolean,
  ): Promise<T>;
}
/** Token of {@link Effects}. */
export const Effects = token<Effects>('effects');
