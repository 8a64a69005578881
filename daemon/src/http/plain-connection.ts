import type { Socket } from 'node:net';
import { readPlainRequest, type PlainLimits, type PlainRequest } from './plain-request.js';
import { PlainResponse, type PlainCarrier } from './plain-response.js';

/** Whose a plain connection is. */
export interface PlainConnectionOwner {
  readonly limits: PlainLimits;
  /** Header fields of every answer, each with the end of its line. */
  readonly common: string;
  /** What says that, and for how long, the connection is kept; the same way. */
  readonly kept: string;
  /** Whether further requests are welcome. */
  readonly goesOn: boolean;
  /** Answers a request; `false` when it is not one to be answered here. */
  serve(request: PlainRequest, response: PlainResponse, socket: Socket): boolean;
  /** The socket is another's from now on; what was read of it and not answered is put back. */
  handOver(connection: PlainConnection, socket: Socket): void;
  gone(connection: PlainConnection): void;
}

/**
 * One connection for as long as nothing but plain requests comes over it, one after the other. With anything else it is handed over, for good,
 * to the server that knows all of HTTP: what is read in two ways elsewhere is not read here at all.
 */
export class PlainConnection implements PlainCarrier {
  /** What came of a request that is not whole, or of a further one while the one before is not answered. */
  #kept: Buffer | undefined;
  #response: PlainResponse | undefined;
  #served = false;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainConnectionOwner,
    idleMs: number,
  ) {
    socket.setTimeout(idleMs);
    socket.on('data', this.#took);
    socket.on('end', this.#finished);
    socket.on('timeout', this.#quiet);
    socket.on('error', this.#broke);
    socket.on('close', this.#closed);
  }

  get common(): string {
    return this.owner.common;
  }

  get kept(): string {
    return this.owner.kept;
  }

  get keepsAlive(): boolean {
    return this.owner.goesOn;
  }

  /** Whether nothing was asked that is not answered. */
  get idle(): boolean {
    return this.#response === undefined && this.#kept === undefined;
  }

  answered(keepsAlive: boolean): void {
    this.#response = undefined;
    const { socket } = this;
    if (!keepsAlive) socket.destroySoon();
    else if (this.#kept !== undefined) this.#handOver(this.#kept);
    else if (socket.writableNeedDrain) {
      // Who does not read is not asked for more.
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  }

  readonly #took = (bytes: Buffer): void => {
    const kept = this.#kept;
    if (this.#response !== undefined) {
      // Nobody sends the next request before the answer without a reason; what node makes of that is right.
      this.socket.pause();
      this.#kept = kept === undefined ? bytes : Buffer.concat([kept, bytes]);
      return;
    }
    const all = kept === undefined ? bytes : Buffer.concat([kept, bytes]);
    const reading = readPlainRequest(all, this.owner.limits);
    // Many clients write head and body one after the other; in more pieces a request is for who can wait for it.
    if (reading === 'partial' && kept === undefined) this.#kept = bytes;
    else if (typeof reading === 'string' || !this.#serve(reading)) this.#handOver(all);
  };

  #serve(request: PlainRequest): boolean {
    this.#kept = undefined;
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
    this.socket.destroySoon();
  };

  readonly #quiet = (): void => {
    if (this.#response !== undefined || this.socket.writableLength > 0) return;
    // How long a first request, or the rest of one, may take is node's to say.
    if (this.#kept !== undefined || !this.#served) this.#handOver(this.#kept);
    else this.socket.destroy();
  };

  readonly #broke = (): void => {
    this.socket.destroy();
  };

  readonly #closed = (): void => {
    this.owner.gone(this);
    this.#response?.close();
  };

  #handOver(bytes: Buffer | undefined): void {
    const { socket } = this;
    this.#kept = undefined;
    socket.setTimeout(0);
    socket.off('data', this.#took);
    socket.off('end', this.#finished);
    socket.off('timeout', this.#quiet);
    socket.off('error', this.#broke);
    socket.off('close', this.#closed);
    socket.pause();
    if (bytes !== undefined) socket.unshift(bytes);
    this.owner.handOver(this, socket);
    socket.resume();
  }
}
