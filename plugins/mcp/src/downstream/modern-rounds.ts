import type { Cancellation } from '@ai-orchestrator/core/plugin';
import type { JsonObject } from '../upstream/json.js';
import { isObject } from '../upstream/json.js';
import { answersAny, checkAnswers, questionsOf } from './client-capabilities.js';
import { HeldCall, type HeldCallBounds, type Step } from './held-call.js';
import type { HeldCalls } from './held-calls.js';
import { exchangeOf, type Asker, type Operation, type Outcome } from './operation.js';
import type { SealedStates } from './sealed-state.js';

/** Runs operations for clients of a modern revision, which are asked by answers: `input_required`, and a further request with the answers. */
export class ModernRounds {
  constructor(
    private readonly states: SealedStates,
    private readonly held: HeldCalls,
    private readonly bounds: HeldCallBounds,
  ) {}

  /** @param params of the request, with `inputResponses` and `requestState` where it goes on with an earlier one */
  async run(operation: Operation, asker: Asker, params: JsonObject, signal: Cancellation): Promise<Outcome> {
    const { inputResponses, requestState } = params;
    const state = typeof requestState === 'string' ? this.states.open(operation, requestState) : {};
    const answers = isObject(inputResponses) ? inputResponses : undefined;
    if (state.held !== undefined) {
      const call = this.held.take(state.held);
      call.resume(asker, answers ?? {});
      return this.#sealed(operation, asker, await this.#step(call, signal));
    }
    const continuation =
      answers === undefined && state.upstream === undefined
        ? undefined
        : {
            ...(answers !== undefined && { inputResponses: answers }),
            ...(state.upstream !== undefined && { requestState: state.upstream }),
          };
    // A client that answers nothing is not asked, and so nothing can come to be held.
    if (!answersAny(asker.clientCapabilities)) {
      const exchange = exchangeOf(asker, undefined, continuation);
      return this.#sealed(operation, asker, await operation.run(exchange, signal, state.holder));
    }
    const call = new HeldCall(operation, asker, this.bounds, continuation, state.holder);
    return this.#sealed(operation, asker, await this.#step(call, signal));
  }

  async #step(call: HeldCall, signal: Cancellation): Promise<Outcome> {
    const cancel = (): void => call.cancel(String(signal.reason));
    signal.addEventListener('abort', cancel);
    let step: Step;
    try {
      step = await call.next();
    } finally {
      signal.removeEventListener('abort', cancel);
    }
    if (step.kind === 'outcome') return step.outcome;
    const held = this.held.keep(call);
    return {
      kind: 'input_required',
      inputRequests: step.inputRequests,
      requestState: this.states.seal(call.operation, { held }),
      sealed: true,
    };
  }

  /** A provider's own state goes inside ours. */
  #sealed(operation: Operation, asker: Asker, outcome: Outcome): Outcome {
    if (outcome.kind !== 'input_required' || outcome.sealed === true) return outcome;
    checkAnswers(asker.clientCapabilities, questionsOf(outcome.inputRequests ?? {}));
    const { requestState: upstream, holder } = outcome;
    if (upstream === undefined && holder === undefined) return outcome;
    const state = { ...(upstream !== undefined && { upstream }), ...(holder !== undefined && { holder }) };
    return { ...outcome, requestState: this.states.seal(operation, state), sealed: true };
  }
}
