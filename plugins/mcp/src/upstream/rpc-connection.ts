import { IdTable, type Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { CallInFlight, canceled, type CallOwner } from './call-in-flight.js';
import type { JsonObject } from './json.js';
import type { Incoming, RequestId } from './message.js';
import { Questions } from './questions.js';
import type { UpstreamAnswer, UpstreamRequestOptions } from './upstream.js';
import type { UpstreamLimits } from './upstream-limits.js';
import type { Receiver, Wire } from './wire.js';

/** How requests are put in the words of an era. */
export interface Dialect {
  /** The parameters as they go out, with what the era wants in `_meta`. */
  params(method: string, params: JsonObject, options: UpstreamRequestOptions): JsonObject;
  /** HTTP headers that repeat parts of the body; nothing for a wire without headers. */
  headers?(method: string, params: JsonObject): Readonly<Record<string, string>>;
  /** Whether the server may ask us [2025-11-25]; a modern one answers `input_required` instead. */
  readonly asks: boolean;
  /** Whether a request is canceled by a notification; else leaving its stream does it. */
  readonly cancelsByNotification: boolean;
}

/** Who hears what the server says unasked. */
export interface ConnectionListener {
  /**
   * A notification that belongs to no request of ours in particular.
   *
   * @param caller whose alone it is, for all that the server did for others than us it did for them
   */
  notified(method: string, params: JsonObject, caller?: string): void;
  /** A request was given up, and nothing at all was heard since it was sent. */
  silent(): void;
  /** The connection is of no use any more; all requests have been failed. @param renew greet it anew at once */
  broken(why: string, renew: boolean): void;
}

/** Sent without a caller, since several may share one. */
const SOMEBODYS: ReadonlySet<string> = new Set(['resources/subscribe', 'resources/unsubscribe']);

/** Requests of ours over one wire: ids of our own, bounded in number and time, and what the server asks or tells about them. */
export class RpcConnection implements Receiver, CallOwner {
  readonly #calls = new IdTable<CallInFlight>();
  readonly #wire: Wire;
  readonly #questions: Questions;
  /** Whom the server ever did something for: nobody yet, one principal, or several of whom it may talk at any time. */
  #served: 'nobody' | 'several' | { readonly caller: string } = 'nobody';
  #lastId = 0;
  #heardAt = 0;
  #closed: Error | undefined;
  /** Messages that answer nothing and belong to nothing. */
  strays = 0;

  constructor(
    open: (receiver: Receiver) => Wire,
    private readonly dialect: () => Dialect,
    private readonly listener: ConnectionListener,
    private readonly limits: UpstreamLimits,
    private readonly timers: Timers,
  ) {
    this.#wire = open(this);
    this.#questions = new Questions(limits.questions, (message) => this.#wire.send(message));
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /**
   * @throws OrchestratorError `unavailable`, `deadline_exceeded`, `canceled`, `limit_exceeded`
   */
  request(method: string, params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(canceled(signal));
    if (this.#calls.size >= this.limits.requests) return Promise.reject(this.#tooMany());
    const id = ++this.#lastId;
    const call = new CallInFlight(id, options, this.#heardAt, this);
    call.begin(this.timers);
    this.#calls.add(call);
    this.#serve(method, options);
    const dialect = this.dialect();
    const worded = dialect.params(method, params, options);
    const withToken = options.progress === undefined ? worded : withProgressToken(worded, id);
    const message = { jsonrpc: '2.0', id, method, params: withToken } as const;
    this.#wire.send(message, dialect.headers?.(method, withToken));
    return call.answer;
  }

  notify(method: string, params: JsonObject): void {
    if (this.#closed !== undefined) throw this.#closed;
    this.#wire.send({ jsonrpc: '2.0', method, params }, this.dialect().headers?.(method, params));
  }

  /** The server has been greeted, and may speak unasked. */
  listen(): void {
    this.#wire.listen?.();
  }

  /** What the server is instead, that did not understand how it was greeted. */
  mistaken(): Promise<string | undefined> {
    return this.#wire.mistaken?.() ?? Promise.resolve(undefined);
  }

  async close(why: string): Promise<void> {
    this.#end(new OrchestratorError('unavailable', why));
    await this.#wire.close();
  }

  received(message: Incoming, stream: RequestId | undefined): void {
    this.#heardAt += 1;
    if (message.kind === 'result') this.#answered(message.id, { kind: 'result', result: message.result });
    else if (message.kind === 'error') this.#answered(message.id, { kind: 'error', ...message.error });
    else if (message.kind === 'notification') this.#notified(message.method, message.params, stream);
    else if (this.dialect().asks) this.#questions.answer(message, this.#about(stream, 'ask'));
    else this.strays += 1;
  }

  awaits(id: RequestId): boolean {
    return this.#calls.get(id) !== undefined;
  }

  failed(id: RequestId, why: Error): void {
    this.#calls.get(id)?.fail(why);
  }

  over(call: CallInFlight): void {
    this.#calls.delete(call);
  }

  givenUp(call: CallInFlight, why: OrchestratorError): void {
    call.fail(why);
    if (this.dialect().cancelsByNotification && this.#closed === undefined) {
      this.#wire.send({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: call.id, reason: why.message },
      });
    }
    this.#wire.abandon(call.id);
    if (call.heardAt === this.#heardAt) this.listener.silent();
  }

  broken(why: string, renew = false): void {
    if (this.#closed !== undefined) return;
    this.#end(new OrchestratorError('unavailable', why));
    this.listener.broken(why, renew);
  }

  #answered(id: RequestId | undefined, answer: UpstreamAnswer): void {
    const call = id === undefined ? undefined : this.#calls.get(id);
    // Late answers to what was given up come here, and those with ids that were never ours.
    if (call === undefined) this.strays += 1;
    else call.settle(answer);
  }

  #notified(method: string, params: JsonObject, stream: RequestId | undefined): void {
    if (method === 'notifications/progress') {
      const { progressToken, ...progress } = params;
      const call = typeof progressToken === 'number' ? this.#calls.get(progressToken) : undefined;
      if (typeof progress.progress === 'number') call?.options.progress?.(progress as unknown as { progress: number });
      return;
    }
    if (method === 'notifications/cancelled') {
      this.#questions.cancel(params.requestId);
      return;
    }
    if (method === 'notifications/message' || method === 'notifications/elicitation/complete') {
      const about = this.#about(stream, 'notify');
      if (about !== undefined) return about.options.notify?.(method, params);
      // It may be about any request that was ever sent, be it over, and is nobody's to hear who did not make it.
      const served = this.#served;
      if (method !== 'notifications/message' || stream !== undefined || !this.dialect().asks || served === 'several')
        return;
      this.listener.notified(method, params, served === 'nobody' ? undefined : served.caller);
      return;
    }
    this.listener.notified(method, params);
  }

  #serve(method: string, { caller, notify }: UpstreamRequestOptions): void {
    const served = this.#served;
    if (served === 'several') return;
    if (caller === undefined) {
      // What we ask for ourselves, like listings; but a subscription is somebody's, of whom nothing says who it is.
      if (notify !== undefined || SOMEBODYS.has(method)) this.#served = 'several';
    } else if (served === 'nobody') this.#served = { caller: caller.id };
    else if (served.caller !== caller.id) this.#served = 'several';
  }

  /**
   * The request that a message of the server is about. Where all share a stream nothing says so: it is about the latest that can be asked
   * or told, unless there are several callers, be they deaf, for one must not be asked or told what is another's.
   */
  #about(stream: RequestId | undefined, by: 'ask' | 'notify'): CallInFlight | undefined {
    if (stream !== undefined) return this.#calls.get(stream);
    let before: CallInFlight | undefined;
    let latest: CallInFlight | undefined;
    for (const call of this.#calls) {
      const { caller } = call.options;
      const hears = call.options[by] !== undefined;
      // What we ask for ourselves, like listings, has neither.
      if (caller === undefined && !hears) continue;
      if (before !== undefined && before.options.caller?.id !== caller?.id) return undefined;
      before = call;
      if (hears && (latest === undefined || call.id > latest.id)) latest = call;
    }
    return latest;
  }

  #end(why: Error): void {
    this.#closed ??= why;
    this.#questions.close();
    for (const call of this.#calls.values().sort((a, b) => a.id - b.id)) call.fail(why);
  }

  #tooMany(): OrchestratorError {
    const { requests } = this.limits;
    return new OrchestratorError('limit_exceeded', `${requests} requests to this server are in flight already`, {
      limit: 'plugins.mcp.config.limits.requests',
      max: requests,
    });
  }
}

function withProgressToken(params: JsonObject, id: RequestId): JsonObject {
  return { ...params, _meta: { ...(params._meta as JsonObject | undefined), progressToken: id } };
}
