import type { Socket } from 'node:net';
import type { FieldLines } from './field-lines.js';
import { PlainRequestReader, type PlainLimits, type PlainRequest } from './plain-request.js';
import { PlainResponse, type CommonFields, type PlainCarrier } from './plain-response.js';

/** Whose a plain connection is. */
export interface PlainConnectionOwner {
  readonly limits: PlainLimits;
  readonly common: CommonFields;
  readonly lines: FieldLines;
  /** Whether further requests are welcome. */
  readonly goesOn: boolean;
  /** Answers a request; `false` when it is not one to be answered here. */
  serve(request: PlainRequest, response: PlainResponse, socket: Socket): boolean;
  /** The socket is another's from now on; what was read of it and not answered is put back. */
  handOver(connection: PlainConnection, socket: Socket): void;
  gone(connection: PlainConnection): void;
}

/** Times that a connection has, milliseconds. */
export interface PlainTimes {
  /** Until its first request comes. */
  readonly firstMs: number;
  /** Without a request, after an answer. */
  readonly idleMs: number;
}

/** So much longer than is said: a request must not be on its way when its connection is closed. */
const MARGIN_MS = 1_000;
/** Between the two pieces of a request; how long one that comes slowly may take is node's to say. */
const PIECE_MS = 100;
const TOO_LATE = 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/**
 * One connection for as long as nothing but plain requests comes over it, one after the other. With anything else it is handed over, for good,
 * to the server that knows all of HTTP: what is read in two ways elsewhere is not read here at all.
 */
export class PlainConnection implements PlainCarrier {
  /** What came of a request that is not whole, or of further ones while the one before is not answered. */
  #unread: Buffer | undefined;
  readonly #reader: PlainRequestReader;
  #response: PlainResponse | undefined;
  #served = false;
  #quietMs = 0;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainConnectionOwner,
    private readonly times: PlainTimes,
  ) {
    this.#reader = new PlainRequestReader(owner.limits);
    this.#closesAfter(times.firstMs);
    socket.on('data', this.#took);
    socket.on('end', this.#finished);
    socket.on('timeout', this.#quiet);
    socket.on('error', this.#broke);
    socket.on('close', this.#closed);
  }

  get common(): CommonFields {
    return this.owner.common;
  }

  get lines(): FieldLines {
    return this.owner.lines;
  }

  get keepsAlive(): boolean {
    return this.owner.goesOn;
  }

  /** Whether all that was asked is answered, and the answer on its way. */
  get idle(): boolean {
    const asks = this.#response !== undefined || this.#unread !== undefined;
    return this.#served && !asks && this.socket.writableLength === 0;
  }

  answered(keepsAlive: boolean): void {
    this.#response = undefined;
    const { socket } = this;
    if (!keepsAlive) this.#end();
    else if (this.#unread !== undefined) this.#handOver(this.#unread);
    else {
      this.#closesAfter(this.times.idleMs + MARGIN_MS);
      // Who does not read is not asked for more.
      if (socket.writableNeedDrain) socket.pause().once('drain', () => socket.resume());
    }
  }

  readonly #took = (bytes: Buffer): void => {
    const isFirstPiece = this.#unread === undefined;
    const unread = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
    if (this.#response !== undefined) {
      // Nobody sends the next request before the answer without a reason; what node makes of that is right.
      this.#unread = unread;
      if (unread.length > this.owner.limits.headerBytes) this.socket.pause();
      return;
    }
    const reading = this.#reader.read(unread);
    if (reading === 'partial' && isFirstPiece) {
      // Many clients write head and body one after the other.
      this.#unread = unread;
      this.#closesAfter(PIECE_MS);
    } else if (typeof reading === 'string' || !this.#serve(reading)) this.#handOver(unread);
  };

  #serve(request: PlainRequest): boolean {
    this.#unread = undefined;
    const response = new PlainResponse(this);
    this.#response = response;
    if (this.owner.serve(request, response, this.socket)) {
      this.#served = true;
      return true;
    }
    this.#response = undefined;
    return false;
  }

  /** To HTTP, who ends its side has gone away. */
  readonly #finished = (): void => {
    this.#end();
  };

  readonly #quiet = (): void => {
    const { socket } = this;
    if (this.#response !== undefined || socket.writableLength > 0) return;
    if (this.#unread !== undefined) this.#handOver(this.#unread);
    else if (this.#served) socket.destroy();
    else {
      socket.write(TOO_LATE);
      this.#end();
    }
  };

  readonly #broke = (): void => {
    this.socket.destroy();
  };

  readonly #closed = (): void => {
    this.owner.gone(this);
    this.#response?.close();
  };

  #closesAfter(quietMs: number): void {
    if (quietMs === this.#quietMs) return;
    this.#quietMs = quietMs;
    this.socket.setTimeout(quietMs);
  }

  /** Closes once everything is sent; what still comes is not looked at. */
  #end(): void {
    this.socket.off('data', this.#took).resume().destroySoon();
  }

  #handOver(unread: Buffer): void {
    const { socket } = this;
    this.#unread = undefined;
    socket.setTimeout(0);
    socket.off('data', this.#took);
    socket.off('end', this.#finished);
    socket.off('timeout', this.#quiet);
    socket.off('error', this.#broke);
    socket.off('close', this.#closed);
    socket.pause();
    socket.unshift(unread);
    this.owner.handOver(this, socket);
    socket.resume();
  }
}
