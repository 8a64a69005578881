import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HeaderFields } from '../http-client/answer-head.js';
import type { ConnectionPool } from '../http-client/connection-pool.js';
import type { HttpRequest } from '../http-client/request-writer.js';
import type { AnswerListener, SentRequest } from '../http-client/sent-request.js';
import { EventStreamReader } from './event-stream.js';
import { AnswerTooLarge } from './http-refusal.js';
import type { Intake } from './intake.js';

/** Bodies of refusals are read up to here. */
const REFUSAL_BYTES = 64 * 1024;

/** How one HTTP exchange ended. */
export type Outcome =
  /** A whole body. */
  | { readonly kind: 'body'; readonly status: number; readonly headers: HeaderFields; readonly text: string }
  /** The end of an event stream, and from where it could go on. */
  | { readonly kind: 'stream'; readonly lastEventId: string | undefined; readonly retryMs: number | undefined }
  | { readonly kind: 'failed'; readonly why: Error };

/** Who hears of an exchange. */
export interface ExchangeListener {
  started?(status: number, headers: HeaderFields): void;
  /** The data of one event. */
  event(data: string): void;
  /** An event that is no message. */
  other?(type: string): void;
  ended(outcome: Outcome): void;
}

/** One request over HTTP and its answer, a body or an event stream; bounded in what it reads. */
export class HttpExchange implements AnswerListener {
  /** What authorized it. */
  authorization: Readonly<Record<string, string>> = {};
  #sent: SentRequest | undefined;
  #status = 0;
  #headers: HeaderFields = {};
  #body: Buffer[] = [];
  #bytes = 0;
  #events: EventStreamReader | undefined;
  #over = false;

  constructor(
    private readonly listener: ExchangeListener,
    private readonly intake: Intake,
    private readonly maxBytes: number,
  ) {}

  /** Nobody waits for it any more; a modern server takes this for a cancellation [2026-07-28 streamable HTTP]. */
  abandon(): void {
    this.#over = true;
    this.#sent?.abandon();
  }

  /** Sends its request, unless nobody waits for the answer any more. */
  goOver(pool: ConnectionPool, request: HttpRequest): void {
    if (!this.#over) this.#sent = pool.send(request, this);
  }

  /** It cannot even be sent. */
  fail(why: Error): void {
    this.#end({ kind: 'failed', why: new OrchestratorError('unavailable', why.message, {}, { cause: why }) });
  }

  started(status: number, headers: HeaderFields): void {
    this.#status = status;
    this.#headers = headers;
    const type = headers['content-type'];
    if (status === 200 && typeof type === 'string' && type.startsWith('text/event-stream')) {
      this.#events = new EventStreamReader(this.maxBytes, ({ type: name, data }) => {
        if (this.#over) return;
        if (name === 'message') this.listener.event(data);
        else this.listener.other?.(name);
      });
    }
    this.listener.started?.(status, headers);
  }

  data(chunk: Buffer): void {
    if (this.#over) return;
    this.intake.count(chunk.length, 0);
    if (!this.#take(chunk)) {
      this.#tooLong();
      return;
    }
    if (this.intake.hasRoom) return;
    const sent = this.#sent;
    sent?.pause();
    this.intake.wait(() => sent?.resume());
  }

  /** Whether it is still within what is read at most. */
  #take(chunk: Buffer): boolean {
    if (this.#events !== undefined) return this.#events.take(chunk);
    this.#bytes += chunk.length;
    // It is the connection's, which reads on into it.
    this.#body.push(Buffer.from(chunk));
    return this.#bytes <= (this.#status < 300 ? this.maxBytes : REFUSAL_BYTES);
  }

  ended(): void {
    if (this.#events === undefined) {
      const [first, ...more] = this.#body;
      const text =
        first === undefined ? '' : more.length === 0 ? first.toString() : Buffer.concat(this.#body).toString();
      this.#end({ kind: 'body', status: this.#status, headers: this.#headers, text });
    } else this.#endStream(this.#events);
  }

  failed(error: Error): void {
    // A stream that is cut can go on from its last event like one that was ended.
    if (this.#events?.lastEventId !== undefined) this.#endStream(this.#events);
    else this.#end({ kind: 'failed', why: new OrchestratorError('unavailable', wordsOf(error), {}, { cause: error }) });
  }

  #endStream({ lastEventId, retryMs }: EventStreamReader): void {
    this.#end({ kind: 'stream', lastEventId, retryMs });
  }

  #tooLong(): void {
    const why = new AnswerTooLarge(this.maxBytes);
    this.#end({ kind: 'failed', why });
    this.#sent?.abandon();
  }

  #end(outcome: Outcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#body = [];
    this.listener.ended(outcome);
  }
}

function wordsOf(error: Error): string {
  // Where several addresses were tried, the error of all of them has no words of its own.
  const causes = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  return `the server cannot be reached: ${causes.map(({ message }) => message).join('; ')}`;
}
