import type { HttpExchange } from '@ai-orchestrator/core/plugin';
import { EventStream } from './event-stream.js';
import type { SessionStream } from './replay.js';
import { sendJson, type AnswerStream, type StreamSettings } from './request-stream.js';
import type { Session } from './session.js';

/** From this revision on a client takes an event without a message, which it can resume from. */
const FIRST_PRIMED = '2025-11-25';

/**
 * The answer to one POST of a session: a JSON text when nothing else was to be said, and a stream that can be resumed from the first other
 * message on.
 */
export class SessionRequestStream implements AnswerStream {
  readonly streams: boolean;
  #stream: SessionStream | undefined;
  #over = false;
  /** How often it was found quiet; the first time it may have begun a moment before. */
  #quiet = 0;
  readonly #place: number;

  constructor(
    private readonly exchange: HttpExchange,
    private readonly session: Session,
    private readonly settings: StreamSettings,
  ) {
    this.streams = exchange.request.headers.accept?.includes('text/event-stream') === true;
    this.#place = settings.quiet.add(this);
  }

  say(message: string): void {
    if (this.#over || !this.streams) return;
    const stream = this.#open();
    if (stream !== undefined) this.session.replay.say(stream, message);
  }

  answer(message: string): void {
    if (this.#over) return;
    this.#over = true;
    this.settings.quiet.delete(this.#place);
    const { response } = this.exchange;
    if (this.#stream !== undefined) {
      this.session.replay.say(this.#stream, message);
      this.session.replay.finish(this.#stream);
    } else if (!response.destroyed) sendJson(response, 200, message);
  }

  keepAlive(): void {
    if (this.#over || !this.streams || this.exchange.response.destroyed || this.#quiet++ === 0) return;
    this.#open()?.connection?.comment();
  }

  /** Nothing is streamed where a session has no room for one more stream; the answer still comes. */
  #open(): SessionStream | undefined {
    if (this.#stream !== undefined) return this.#stream;
    const { response } = this.exchange;
    const stream = response.destroyed ? undefined : this.session.replay.open();
    if (stream === undefined) return undefined;
    const connection = new EventStream(response, this.settings.pendingBytes, this.settings.overflown);
    if (this.session.terms.protocolVersion >= FIRST_PRIMED) this.session.replay.prime(stream, connection);
    else stream.connection = connection;
    return (this.#stream = stream);
  }
}
