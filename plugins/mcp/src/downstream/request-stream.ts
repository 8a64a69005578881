import type { HttpRequest, HttpResponse } from '@ai-orchestrator/core/plugin';
import { EventStream } from './event-stream.js';
import type { QuietStreams } from './quiet-streams.js';

/** What answers need to know of the endpoint. */
export interface StreamSettings {
  /** Bytes that may wait for a client that does not read. */
  readonly pendingBytes: number;
  readonly overflown: () => void;
  /** Streams and unanswered requests, which are kept alive while they are quiet. */
  readonly quiet: QuietStreams;
}

/** Where what belongs to one request of a client is said. */
export interface AnswerStream {
  /** Whether messages besides the answer reach the client. */
  readonly streams: boolean;
  /** A notification or a question that belongs to the request. */
  say(message: string): void;
  /** The answer, after which nothing more is said. */
  answer(message: string, status?: number): void;
}

/**
 * The answer to one POST: a JSON text when nothing else was to be said, and an event stream from the first other message on. So the
 * usual call costs neither the client nor us a stream.
 */
export class RequestStream implements AnswerStream {
  /** Whether the client can read an event stream. */
  readonly streams: boolean;
  readonly #response: HttpResponse;
  #events: EventStream | undefined;
  #over = false;
  /** How often it was found quiet; the first time it may have begun a moment before. */
  #quiet = 0;
  readonly #place: number;

  constructor(
    request: HttpRequest,
    response: HttpResponse,
    private readonly settings: StreamSettings,
  ) {
    this.#response = response;
    this.streams = request.headers.accept?.includes('text/event-stream') === true;
    this.#place = settings.quiet.add(this);
  }

  say(message: string): void {
    if (this.#over || !this.streams) return;
    this.open().message(message);
  }

  /** Begins the event stream, if it did not yet. */
  open(): EventStream {
    const { pendingBytes, overflown } = this.settings;
    return (this.#events ??= new EventStream(this.#response, pendingBytes, overflown));
  }

  answer(message: string, status = 200): void {
    if (this.#over) return;
    this.close();
    if (this.#events !== undefined) {
      this.#events.message(message);
      this.#events.end();
    } else if (!this.#response.destroyed) sendJson(this.#response, status, message);
  }

  /** Ends without an answer. */
  close(): void {
    this.#over = true;
    this.settings.quiet.delete(this.#place);
  }

  keepAlive(): void {
    if (this.#over || !this.streams || this.#quiet++ === 0) return;
    this.open().comment();
  }
}

/** Sends one JSON text. */
export function sendJson(
  response: HttpResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Sends a status alone. */
export function sendStatus(
  response: HttpResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
}
