import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Ancestor } from '../../messages/lineage.js';
import type { Principal } from '../../permissions/principal.js';
import type {
  JsonObject,
  ToolCallRequest,
  ToolDefinition,
  ToolExchange,
  ToolInvocation,
  VisibleTool,
} from '../tools.js';
import { Cancel } from '../cancellation.js';
import type { Denial } from './call-permits.js';
import type { Gate } from './call-slots.js';

/** What a call is at: it waits for a human, for its turn, or for its provider. */
export type CallState = 'approval' | 'queued' | 'running';

/** A call on its way, and what its provider gets of it. Made for each call: what few need is made when asked for. */
export class RunningCall implements ToolInvocation {
  state: CallState = 'queued';
  timeoutMs = 0;
  /** Of the catalogue when it was permitted. */
  revision = 0;
  /** Until when its provider has it, monotonic ms. */
  deadline = Infinity;
  /** Whether its provider was asked: from then on it may have had its effect. */
  invoked = false;
  recorded = false;
  cached = false;
  /** Why it is refused. */
  denial: Denial | undefined;
  /** SHA-256, hex. */
  argumentsHash = '';
  resultHash: string | undefined;
  /** What a human approved it by. */
  approvalId: string | undefined;
  nextInBucket: RunningCall | undefined;
  /** What it holds places of. */
  readonly held: Gate[] = [];
  readonly arguments: JsonObject;
  exchange: ToolExchange;
  readonly cancellation = new Cancel();
  #ended: OrchestratorError | undefined;
  #controller: AbortController | undefined;
  #reject: ((error: OrchestratorError) => void) | undefined;

  /** @param startedMs monotonic */
  constructor(
    readonly callId: string,
    readonly visible: VisibleTool,
    readonly caller: Principal,
    readonly request: ToolCallRequest,
    readonly origin: Ancestor | undefined,
    readonly startedMs: number,
  ) {
    this.arguments = request.arguments;
    this.exchange = request.exchange ?? NOTHING;
  }

  get id(): string {
    return this.callId;
  }

  get tool(): ToolDefinition {
    return this.visible.definition;
  }

  get contextId(): string | undefined {
    return this.request.contextId ?? this.origin?.contextId;
  }

  get traceparent(): string | undefined {
    return this.request.traceparent ?? this.origin?.traceparent;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended.message);
    }
    return this.#controller.signal;
  }

  /** What it was given up for, if it was. */
  get ended(): OrchestratorError | undefined {
    return this.#ended;
  }

  /** Gives it up: tells its provider and whoever waits; only the first time counts. */
  end(error: OrchestratorError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.cancellation.abort(error.message);
    this.#controller?.abort(error.message);
    this.#reject?.(error);
  }

  cancel(reason: string): void {
    this.end(new OrchestratorError('canceled', reason));
  }

  /** What its provider answers, unless the call is given up before. */
  until<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) reject(this.#ended);
      this.#reject = reject;
      answer.then(resolve, reject);
    });
  }
}

const NOTHING: ToolExchange = {};
