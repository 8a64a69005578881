import type { Cancellation, Chained, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { JsonObject } from './json.js';
import type { RequestId } from './message.js';
import type { UpstreamAnswer, UpstreamRequestOptions } from './upstream.js';

/** Who is told what becomes of a call. */
export interface CallOwner {
  /** Whatever it came to; told once, before who waits for its answer. */
  over(call: CallInFlight): void;
  /** Its caller or its time has ended it, and it has not failed yet. */
  givenUp(call: CallInFlight, why: OrchestratorError): void;
}

/** A request of ours that the server has not answered. Made for each call: what few need is made when asked for. */
export class CallInFlight implements Chained<CallInFlight> {
  readonly answer: Promise<UpstreamAnswer>;
  nextInBucket: CallInFlight | undefined;
  /** Aborted with the call: no question of the server outlives the request that it belongs to. */
  #questions: AbortController | undefined;
  #timer: Timer | undefined;
  #onAbort: (() => void) | undefined;
  #resolve: ((answer: UpstreamAnswer) => void) | undefined;
  #reject: ((why: Error) => void) | undefined;

  /** @param heardAt how much the server had said when it was made */
  constructor(
    readonly id: RequestId,
    readonly options: UpstreamRequestOptions,
    readonly heardAt: number,
    private readonly owner: CallOwner,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get questions(): AbortSignal {
    this.#questions ??= new AbortController();
    return this.#questions.signal;
  }

  /** From now on its signal, and its time unless that is the signal's to say, end it. */
  begin(timers: Timers): void {
    const { signal, timeoutMs, endsBySignal } = this.options;
    if (signal !== undefined) {
      this.#onAbort = () => this.owner.givenUp(this, canceled(signal));
      signal.addEventListener('abort', this.#onAbort);
      if (endsBySignal === true) return;
    }
    this.#timer = timers.after(timeoutMs, () => {
      const detail = `the server did not answer within ${timeoutMs} ms`;
      this.owner.givenUp(this, new OrchestratorError('deadline_exceeded', detail));
    });
  }

  settle(answer: UpstreamAnswer): void {
    this.#end('the request is over');
    this.#resolve?.(answer);
  }

  fail(why: Error): void {
    this.#end(why.message);
    this.#reject?.(why);
  }

  /** Asks who made the request; they may be unable to. */
  ask(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> | undefined {
    return this.options.ask?.(method, params, AbortSignal.any([signal, this.questions]));
  }

  #end(why: string): void {
    this.#timer?.cancel();
    if (this.#onAbort !== undefined) this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.owner.over(this);
    this.#questions?.abort(why);
  }
}

/** What a request that was canceled fails with. */
export function canceled(signal: Cancellation): OrchestratorError {
  const reason = typeof signal.reason === 'string' ? signal.reason : 'the caller canceled the request';
  return new OrchestratorError('canceled', reason);
}
