import { Cancel, type Cancellation } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isObject, type JsonObject } from '../upstream/json.js';
import { canAnswer } from './client-capabilities.js';
import { exchangeOf, type Asker, type Operation, type Outcome } from './operation.js';

interface Question {
  readonly method: string;
  readonly params: JsonObject;
  readonly resolve: (answer: JsonObject) => void;
}

/** How much one held call keeps. */
export interface HeldCallBounds {
  readonly questions: number;
  /** Of more, the oldest are dropped: progress is told best by the last. */
  readonly notices: number;
}

/** What a call has come to: its outcome, or questions that the client must answer first. */
export type Step =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'asks'; readonly inputRequests: JsonObject };

/**
 * A call of a modern client to a provider that may ask by requests. A modern client cannot be asked while its request runs: the call is
 * held, the request answered with the questions, and the client's next request goes on with it [MCP 2026-07-28, basic/patterns/mrtr].
 */
export class HeldCall {
  readonly #questions = new Map<string, Question>();
  readonly #outcome: Promise<Step>;
  readonly #over = new Cancel();
  #asker: Asker | undefined;
  #asked = 0;
  /** Said while nobody listened. */
  readonly #unsaid: (readonly [method: string, params: JsonObject])[] = [];
  #wake: (() => void) | undefined;

  /** Starts the operation. @param limits questions that it may wait with at once, notifications that it keeps while nobody listens */
  constructor(
    readonly operation: Operation,
    asker: Asker,
    private readonly limits: HeldCallBounds,
    continuation?: { readonly inputResponses?: JsonObject; readonly requestState?: string },
    holder?: string,
  ) {
    this.#asker = asker;
    const listener: Asker = {
      clientCapabilities: asker.clientCapabilities,
      progressToken: asker.progressToken,
      logLevel: asker.logLevel,
      meta: asker.meta,
      task: asker.task,
      say: (method, params) => this.#say(method, params),
    };
    const ask = (method: string, params: JsonObject, signal: Cancellation) => this.#ask(method, params, signal);
    this.#outcome = operation
      .run(exchangeOf(listener, ask, continuation), this.#over, holder)
      .then((outcome) => ({ kind: 'outcome' as const, outcome }));
    // Whoever asks for the next step is told; until then it must not count as unhandled.
    this.#outcome.catch(() => undefined);
  }

  /** Resolves with the outcome, or once there are questions. */
  async next(): Promise<Step> {
    if (this.#questions.size > 0) return this.#asks();
    const asked = new Promise<Step>((resolve) => {
      this.#wake = () => resolve(this.#asks());
    });
    return Promise.race([this.#outcome, asked]);
  }

  /** Goes on for the client's next request. Questions that it left out are asked again. */
  resume(asker: Asker, inputResponses: JsonObject): void {
    this.#asker = asker;
    for (const [method, params] of this.#unsaid.splice(0)) this.#say(method, params);
    for (const [key, answer] of Object.entries(inputResponses)) {
      const question = this.#questions.get(key);
      if (question === undefined || !isObject(answer)) continue;
      this.#questions.delete(key);
      question.resolve(answer);
    }
  }

  /** Nobody listens until {@link resume}. */
  detach(): void {
    this.#asker = undefined;
  }

  /** Nobody waits for it any more. */
  cancel(reason: string): void {
    this.#over.abort(reason);
  }

  #say(method: string, params: JsonObject): void {
    if (this.#asker !== undefined) this.#asker.say(method, this.#retokened(params));
    else if (this.#unsaid.push([method, params]) > this.limits.notices) this.#unsaid.shift();
  }

  #ask(method: string, params: JsonObject, signal: Cancellation): Promise<JsonObject> {
    const capabilities = this.#asker?.clientCapabilities ?? {};
    if (this.#asker !== undefined && !canAnswer(capabilities, method, params)) {
      return Promise.reject(new OrchestratorError('invalid_request', `the client does not answer ${method}`));
    }
    if (this.#questions.size >= this.limits.questions) {
      return Promise.reject(new OrchestratorError('limit_exceeded', 'too many questions wait for the client'));
    }
    const key = `ask-${++this.#asked}`;
    return new Promise((resolve, reject) => {
      this.#questions.set(key, { method, params, resolve });
      signal.addEventListener('abort', () => {
        this.#questions.delete(key);
        reject(new OrchestratorError('canceled', String(signal.reason)));
      });
      this.#wake?.();
    });
  }

  #asks(): Step {
    const all = [...this.#questions].map(([key, { method, params }]) => [key, { method, params }] as const);
    return { kind: 'asks', inputRequests: Object.fromEntries(all) };
  }

  /** Progress goes by the token of the request that listens now. */
  #retokened(params: JsonObject): JsonObject {
    const token = this.#asker?.progressToken;
    return params.progressToken === undefined || token === undefined ? params : { ...params, progressToken: token };
  }
}
