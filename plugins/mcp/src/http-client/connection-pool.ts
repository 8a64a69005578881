import type { Socket } from 'node:net';
import type { Clock, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { HttpConnection, type ConnectionOwner } from './connection.js';
import { EndOfTurn } from './end-of-turn.js';
import { RequestWriter, type HttpRequest } from './request-writer.js';
import { SentRequest, type AnswerListener } from './sent-request.js';

/** Bounds of a pool. */
export interface PoolLimits {
  readonly connections: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
  /** A connection that carries nothing for so long is closed, milliseconds; sooner where the server says that it keeps none so long. */
  readonly idleMs: number;
  /** Of the header of one answer. */
  readonly headBytes: number;
}

/** What a pool needs of the daemon. */
export interface PoolSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** So much sooner than the server says that it closes a connection: no request must be on its way then. */
const MARGIN_MS = 1_000;

/** Connections to one origin, kept between requests. */
export class ConnectionPool implements ConnectionOwner {
  readonly #all = new Set<HttpConnection>();
  /** The latest used last: those that are not needed come to be closed. */
  readonly #idle: HttpConnection[] = [];
  readonly #waiting = new Set<SentRequest>();
  readonly #endOfTurn = new EndOfTurn();
  readonly #writer: RequestWriter;
  #opening = 0;
  #sweep: Timer | undefined;
  #closed: Error | undefined;

  /**
   * @param host of the URL, with its port unless that is the scheme's
   * @param open connects, in bounded time
   */
  constructor(
    host: string,
    private readonly open: () => Promise<Socket>,
    private readonly limits: PoolLimits,
    private readonly around: PoolSurroundings,
  ) {
    this.#writer = new RequestWriter(host);
  }

  /** Sends a request, or lets it wait for a connection. What goes wrong is the listener's to hear, maybe before this returns. */
  send(request: HttpRequest, listener: AnswerListener): SentRequest {
    const sent = new SentRequest(request, listener, this.#waiting);
    this.#dispatch(sent);
    return sent;
  }

  free(connection: HttpConnection, idleMs = Infinity): void {
    const ms = Math.min(this.limits.idleMs, idleMs - MARGIN_MS);
    const next = this.#longestWaiting();
    if (ms <= 0 && next === undefined) connection.destroy();
    else if (next === undefined) {
      connection.idleUntilMs = this.around.clock.monotonicMs() + ms;
      this.#idle.push(connection);
      this.#sweep ??= this.around.timers.after(ms, () => this.#sweepIdle());
    } else {
      this.#waiting.delete(next);
      this.#carry(connection, next);
    }
  }

  gone(connection: HttpConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#openMore();
  }

  again(sent: SentRequest): void {
    this.#dispatch(sent);
  }

  /** Closes every connection; what is under way fails. */
  close(): void {
    const why = (this.#closed ??= new Error('the connections to the server are closed'));
    this.#sweep?.cancel();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const connection of [...this.#all]) connection.destroy(why);
    for (const { listener } of waiting) listener.failed(why);
  }

  #dispatch(sent: SentRequest): void {
    const connection = this.#takeIdle();
    if (this.#closed !== undefined) sent.listener.failed(this.#closed);
    else if (connection !== undefined) this.#carry(connection, sent);
    else if (this.#waiting.size >= this.limits.waiting) {
      sent.listener.failed(new Error(`${this.limits.waiting} requests wait for a connection to the server already`));
    } else {
      this.#waiting.add(sent);
      this.#openMore();
    }
  }

  #carry(connection: HttpConnection, sent: SentRequest): void {
    try {
      sent.goOver(connection);
    } catch (error) {
      this.free(connection);
      sent.listener.failed(error as Error);
    }
  }

  #takeIdle(): HttpConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isOpen && connection.idleUntilMs > this.around.clock.monotonicMs()) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** As many connections as there are requests that wait for one, within the bound. */
  #openMore(): void {
    while (this.#opening < this.#waiting.size && this.#all.size + this.#opening < this.limits.connections) {
      this.#opening += 1;
      this.open().then(
        (socket) => {
          this.#opening -= 1;
          this.#opened(socket);
        },
        (error: unknown) => {
          this.#opening -= 1;
          this.#failed(error as Error);
        },
      );
    }
  }

  #opened(socket: Socket): void {
    if (this.#closed !== undefined) {
      socket.destroy();
      return;
    }
    const connection = new HttpConnection(socket, this.#writer, this, this.#endOfTurn, this.limits.headBytes);
    this.#all.add(connection);
    this.free(connection);
  }

  /** One attempt was for one request, the one that waits the longest. */
  #failed(why: Error): void {
    const sent = this.#longestWaiting();
    if (sent === undefined) return;
    this.#waiting.delete(sent);
    this.#openMore();
    sent.listener.failed(why);
  }

  #longestWaiting(): SentRequest | undefined {
    return this.#waiting.size === 0 ? undefined : this.#waiting.values().next().value;
  }

  #sweepIdle(): void {
    this.#sweep = undefined;
    const now = this.around.clock.monotonicMs();
    for (const connection of [...this.#idle]) {
      if (connection.idleUntilMs <= now || !connection.isOpen) connection.destroy();
    }
    const first = this.#idle.reduce((least, { idleUntilMs }) => Math.min(least, idleUntilMs), Infinity);
    if (first !== Infinity) this.#sweep = this.around.timers.after(Math.max(1, first - now), () => this.#sweepIdle());
  }
}
