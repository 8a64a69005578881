import type { Socket } from 'node:net';
import type { AnswerHead } from './answer-head.js';
import { AnswerReader, type AnswerParts } from './answer-reader.js';
import type { EndOfTurn, Writer } from './end-of-turn.js';
import type { RequestWriter } from './request-writer.js';
import type { SentRequest } from './sent-request.js';

/** Whose a connection is. */
export interface ConnectionOwner {
  /** It can carry another request. @param idleMs for how long the server keeps it, where it says so */
  free(connection: HttpConnection, idleMs: number | undefined): void;
  /** It is of no use any more; told once. */
  gone(connection: HttpConnection): void;
  /** A request got no answer at all over a connection used before, and was not sent or may be sent twice [RFC 9110 §9.2.2]. */
  again(sent: SentRequest): void;
}

/** One connection to a server: one request at a time, each in one write. */
export class HttpConnection implements AnswerParts, Writer {
  /** Until when it may be used, while it is free; by the monotonic clock. */
  idleUntilMs = 0;
  readonly #reader: AnswerReader;
  #carried: SentRequest | undefined;
  /** The request it carries, until it is written. */
  #unwritten: string | Buffer | undefined;
  #head: AnswerHead | undefined;
  /** Whether anything at all was answered to what it carries. */
  #heard = false;
  #isWhole = false;
  #uses = 0;
  #isGone = false;

  constructor(
    private readonly socket: Socket,
    private readonly writer: RequestWriter,
    private readonly owner: ConnectionOwner,
    private readonly endOfTurn: EndOfTurn,
    maxHeadBytes: number,
  ) {
    this.#reader = new AnswerReader(this, maxHeadBytes);
    let failure: Error | undefined;
    socket.on('data', (bytes: Buffer) => this.#took(bytes));
    socket.on('end', () => this.#finished());
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => this.#lost(failure ?? new Error('the server closed the connection')));
  }

  /** Whether, as far as is known here, a request would reach the server. */
  get isOpen(): boolean {
    return !this.#isGone && this.socket.writable && !this.socket.readableEnded;
  }

  carries(sent: SentRequest): boolean {
    return this.#carried === sent;
  }

  /** Sends a request at the end of the turn, while it is free. @throws Error as {@link RequestWriter.text}; it is free still */
  send(sent: SentRequest): void {
    const text = this.writer.text(sent.request);
    this.#carried = sent;
    this.#heard = false;
    this.#uses += 1;
    this.#reader.begin();
    this.#unwritten = text;
    this.endOfTurn.add(this);
  }

  flush(): void {
    const text = this.#unwritten;
    this.#unwritten = undefined;
    // Nothing is left of what was given up, or of a connection that ended meanwhile.
    if (typeof text === 'string') this.socket.write(text, 'latin1');
    else if (text !== undefined) this.socket.write(text);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Closes it at once; who waits for an answer over it is told only where there is a reason. */
  destroy(why?: Error): void {
    const carried = this.#carried;
    this.#carried = undefined;
    this.#unwritten = undefined;
    this.socket.destroy();
    if (!this.#isGone) {
      this.#isGone = true;
      this.owner.gone(this);
    }
    if (why !== undefined) carried?.listener.failed(why);
  }

  head(head: AnswerHead): void {
    this.#head = head;
    this.#carried?.listener.started(head.status, head.headers);
  }

  body(bytes: Buffer): void {
    this.#carried?.listener.data(bytes);
  }

  end(): void {
    this.#isWhole = true;
  }

  #took(bytes: Buffer): void {
    if (this.#carried === undefined || this.#unwritten !== undefined) {
      // Nothing was asked yet: what it says here could be taken for the answer to what comes next.
      this.#lost(new Error('the server answered what it was not asked'));
      return;
    }
    this.#heard = true;
    let taken: number;
    try {
      taken = this.#reader.take(bytes);
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    if (this.#isWhole) this.#over(taken === bytes.length);
  }

  /** @param clean whether nothing came after the answer */
  #over(clean: boolean): void {
    this.#isWhole = false;
    const carried = this.#carried;
    // Abandoned by who read the last of it.
    if (carried === undefined) return;
    this.#carried = undefined;
    const { socket } = this;
    // Of an answer that came early, the request is still on its way.
    if (clean && this.#head?.keepsAlive === true && socket.writableLength === 0 && this.isOpen) {
      if (socket.isPaused()) socket.resume();
      this.owner.free(this, this.#head.idleMs);
    } else this.destroy();
    carried.listener.ended();
  }

  #finished(): void {
    this.#reader.finish();
    if (this.#isWhole) this.#over(false);
    else this.#lost(new Error('the server closed the connection before its answer was whole'));
  }

  #lost(why: Error): void {
    const carried = this.#carried;
    const isSafe = carried?.request.method !== 'POST' || this.#unwritten !== undefined;
    const mayRepeat = carried !== undefined && isSafe && !this.#heard && this.#uses > 1;
    this.destroy(mayRepeat ? undefined : why);
    if (mayRepeat) this.owner.again(carried);
  }
}
