import type { EventStream } from './event-stream.js';

/** How much of a session can be said again. */
export interface ReplayLimits {
  readonly events: number;
  readonly bytes: number;
  /** Streams of a session that may be open or resumed. */
  readonly streams: number;
  /** How long a client is asked to wait before it resumes. */
  readonly retryMs: number;
}

interface StoredEvent {
  readonly stream: SessionStream;
  readonly seq: number;
  readonly text: string;
}

/** One event stream of a session; it outlives the connection that it is sent on. */
export class SessionStream {
  /** What it is sent on now. */
  connection: EventStream | undefined;
  /** Nothing more will be said on it. */
  over = false;
  seq = 0;
  /** Number of the last event that can no longer be said again. */
  forgotten = 0;

  constructor(readonly number: number) {}
}

/**
 * The event streams of a session, and the last events on them, so that a client whose connection broke can go on where it was [MCP
 * 2025-11-25, basic/transports, Resumability and Redelivery]. Bounded: the oldest events are forgotten, and a client that asks for them
 * is told so.
 */
export class Replay {
  readonly #streams = new Map<number, SessionStream>();
  readonly #events: StoredEvent[] = [];
  #bytes = 0;
  #opened = 0;

  constructor(private readonly limits: ReplayLimits) {}

  /** Connections that are open. */
  get connections(): readonly EventStream[] {
    return [...this.#streams.values()].flatMap(({ connection }) => (connection?.open === true ? [connection] : []));
  }

  /** A new stream; the oldest that is over or has no connection makes room. `undefined` when there is no room. */
  open(): SessionStream | undefined {
    if (this.#streams.size >= this.limits.streams) {
      const idle =
        [...this.#streams.values()].find(({ over }) => over) ??
        [...this.#streams.values()].find(({ connection }) => connection?.open !== true);
      if (idle === undefined) return undefined;
      this.#streams.delete(idle.number);
    }
    const stream = new SessionStream(this.#opened++);
    this.#streams.set(stream.number, stream);
    return stream;
  }

  /** Says a message, now or when the client comes back for it. */
  say(stream: SessionStream, text: string): void {
    const seq = ++stream.seq;
    this.#events.push({ stream, seq, text });
    this.#bytes += text.length;
    while (this.#events.length > this.limits.events || this.#bytes > this.limits.bytes) {
      const oldest = this.#events.shift();
      if (oldest === undefined) break;
      this.#bytes -= oldest.text.length;
      oldest.stream.forgotten = oldest.seq;
    }
    stream.connection?.message(text, idOf(stream.number, seq));
  }

  /** Connects a stream, with an event to resume from first. */
  prime(stream: SessionStream, connection: EventStream): void {
    stream.connection = connection;
    connection.prime(idOf(stream.number, stream.seq), this.limits.retryMs);
  }

  /** Ends a stream: it can be read to its end, and nothing comes after. */
  finish(stream: SessionStream): void {
    stream.over = true;
    stream.connection?.end();
  }

  /** The stream that an event id names, and the number after which to go on; `undefined` when that can no longer be had. */
  find(lastEventId: string): { readonly stream: SessionStream; readonly seq: number } | undefined {
    const [, number, after] = /^(\d{1,15})-(\d{1,15})$/.exec(lastEventId) ?? [];
    const stream = this.#streams.get(Number(number));
    const seq = Number(after);
    return stream === undefined || seq < stream.forgotten || seq > stream.seq ? undefined : { stream, seq };
  }

  /** Goes on after an event on another connection; the earlier one, if it still seems to be there, is closed. */
  resume({ stream, seq }: { stream: SessionStream; seq: number }, connection: EventStream): void {
    stream.connection?.end();
    stream.connection = connection;
    for (const event of this.#events) {
      if (event.stream === stream && event.seq > seq) connection.message(event.text, idOf(stream.number, event.seq));
    }
    if (stream.over) connection.end();
  }

  /** Ends every connection. */
  close(): void {
    for (const { connection } of this.#streams.values()) connection?.end();
    this.#streams.clear();
    this.#events.length = 0;
  }
}

function idOf(stream: number, seq: number): string {
  return `${stream}-${seq}`;
}
