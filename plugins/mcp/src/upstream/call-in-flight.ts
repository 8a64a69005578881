import type { JsonObject } from './json.js';
import type { RequestId } from './message.js';
import type { UpstreamAnswer, UpstreamRequestOptions } from './upstream.js';

/** A request of ours that the server has not answered. */
export class CallInFlight {
  readonly answer: Promise<UpstreamAnswer>;
  /** Aborted with the call: no question of the server outlives the request that it belongs to. */
  #questions: AbortController | undefined;
  #resolve: (answer: UpstreamAnswer) => void = () => undefined;
  #reject: (why: Error) => void = () => undefined;

  constructor(
    readonly id: RequestId,
    readonly options: UpstreamRequestOptions,
    private readonly release: () => void,
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

  settle(answer: UpstreamAnswer): void {
    this.#end('the request is over');
    this.#resolve(answer);
  }

  fail(why: Error): void {
    this.#end(why.message);
    this.#reject(why);
  }

  /** Asks who made the request; they may be unable to. */
  ask(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> | undefined {
    return this.options.ask?.(method, params, AbortSignal.any([signal, this.questions]));
  }

  #end(why: string): void {
    this.release();
    this.#questions?.abort(why);
  }
}
