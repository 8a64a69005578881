import type { HeaderFields } from './answer-head.js';
import type { HttpConnection } from './connection.js';
import type { HttpRequest } from './request-writer.js';

/** Who is told of an answer; after `ended` or `failed` nothing more comes. */
export interface AnswerListener {
  started(status: number, headers: HeaderFields): void;
  /** @param bytes good until this returns; who keeps some copies them */
  data(bytes: Buffer): void;
  ended(): void;
  /** There will be no answer, or no more of it. */
  failed(why: Error): void;
}

/** A request from when it is given to a pool until its answer is whole. */
export class SentRequest {
  #connection: HttpConnection | undefined;

  /** @param waiting those that wait for a connection */
  constructor(
    readonly request: HttpRequest,
    readonly listener: AnswerListener,
    private readonly waiting: Set<SentRequest>,
  ) {}

  /** Nobody wants the answer any more: its connection is closed, and the listener hears nothing more. */
  abandon(): void {
    this.waiting.delete(this);
    if (this.#connection?.carries(this) === true) this.#connection.destroy();
  }

  /** Nothing more is read from the network until {@link SentRequest.resume}; what was read already may still come. */
  pause(): void {
    if (this.#connection?.carries(this) === true) this.#connection.pause();
  }

  resume(): void {
    if (this.#connection?.carries(this) === true) this.#connection.resume();
  }

  /** Goes over a connection that is free. */
  goOver(connection: HttpConnection): void {
    this.#connection = connection;
    connection.send(this);
  }
}
