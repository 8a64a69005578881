import { MalformedAnswer, readHead, type AnswerHead } from './answer-head.js';

/** Who is told of the parts of an answer, in their order. */
export interface AnswerParts {
  head(head: AnswerHead): void;
  /** Some of the body, at most once for what was taken together; good until this returns. */
  body(bytes: Buffer): void;
  end(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const SIZE = /^([0-9a-fA-F]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

/** Reads answers of HTTP/1.1, one after the other, from what a connection brings; holds no more of one than its head [RFC 9112]. */
export class AnswerReader {
  #state: 'head' | 'counted' | 'size' | 'chunk' | 'chunk end' | 'trailer' | 'rest' | 'done' = 'done';
  /** The beginning of a head or line of which there is more to come. */
  #begun: Buffer | undefined;
  /** Bytes of heads, interim ones included, or of trailers that were read of this answer. */
  #headBytes = 0;
  /** Bytes of the body, or chunk, that are still to come. */
  #left = 0;
  /** The latest head as it came, with the empty line that ends it: servers say the same again and again. */
  #known: Buffer | undefined;
  #head: AnswerHead | undefined;

  /** @param maxHeadBytes of one head, of all interim answers before it, and of a trailer */
  constructor(
    private readonly parts: AnswerParts,
    private readonly maxHeadBytes: number,
  ) {}

  /** An answer is to come next. */
  begin(): void {
    this.#state = 'head';
    this.#headBytes = 0;
  }

  /**
   * @returns how much of it was the answer's; less than all means that the server sent more than its answer
   * @throws MalformedAnswer
   */
  take(bytes: Buffer): number {
    let at = 0;
    if (this.#state === 'head') at = this.#takeHead(bytes);
    if (at === bytes.length) return at;
    if (this.#state === 'counted') return this.#takeCounted(bytes, at);
    if (this.#state === 'rest') {
      this.parts.body(at === 0 ? bytes : bytes.subarray(at));
      return bytes.length;
    }
    return this.#state === 'done' ? at : this.#takeChunks(bytes, at);
  }

  /** The server ends the connection. @returns whether the answer is whole */
  finish(): boolean {
    if (this.#state === 'rest') this.#end();
    return this.#state === 'done';
  }

  #takeHead(bytes: Buffer): number {
    let at = 0;
    while (this.#state === 'head' && at < bytes.length) {
      let head = this.#knownHead(bytes, at);
      if (head !== undefined) at += this.#known?.length ?? 0;
      else {
        const end = this.#until(bytes, at, HEAD_END);
        if (end === undefined) return bytes.length;
        at = end.next;
        this.#head = head = readHead(end.text);
        this.#known = Buffer.from(`${end.text}\r\n\r\n`, 'latin1');
      }
      if (head.status === 101) throw new MalformedAnswer('it switches to another protocol unasked');
      // Interim answers say nothing that anybody waits for [RFC 9110 §15.2].
      if (head.status >= 200) this.#started(head);
    }
    return at;
  }

  /** The head that is next, where it is whole and the latest one once more. */
  #knownHead(bytes: Buffer, at: number): AnswerHead | undefined {
    const known = this.#known;
    if (known === undefined || this.#begun !== undefined || at + known.length > bytes.length) return undefined;
    if (bytes.compare(known, 0, known.length, at, at + known.length) !== 0) return undefined;
    this.#count(known.length);
    return this.#head;
  }

  #started(head: AnswerHead): void {
    this.#headBytes = 0;
    const { body } = head;
    if (typeof body === 'number') {
      this.#left = body;
      this.#state = 'counted';
    } else this.#state = body === 'chunked' ? 'size' : 'rest';
    this.parts.head(head);
    if (body === 0) this.#end();
  }

  #takeCounted(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.parts.body(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left === 0) this.#end();
    return end;
  }

  /** What is data of several chunks is moved together, so that many small chunks cost no more than one large one. */
  #takeChunks(bytes: Buffer, from: number): number {
    let at = from;
    let start = 0;
    let end = 0;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'chunk') {
        const size = Math.min(this.#left, bytes.length - at);
        if (end === 0) start = end = at;
        if (end !== at) bytes.copyWithin(end, at, at + size);
        end += size;
        at += size;
        this.#left -= size;
        if (this.#left === 0) this.#state = 'chunk end';
        continue;
      }
      const line = this.#until(bytes, at, LINE_END);
      if (line === undefined) at = bytes.length;
      else {
        at = line.next;
        this.#line(line.text);
      }
    }
    if (end > start) this.parts.body(bytes.subarray(start, end));
    if (this.#state === 'done') this.parts.end();
    return at;
  }

  #line(text: string): void {
    if (this.#state === 'trailer') {
      // Trailers are read past: nothing that we ask for has any.
      if (text === '') this.#state = 'done';
      return;
    }
    if (this.#state === 'chunk end') {
      if (text !== '') throw new MalformedAnswer('a chunk is longer than it says');
      this.#state = 'size';
      this.#headBytes = 0;
      return;
    }
    const [, hex] = SIZE.exec(text) ?? [];
    if (hex === undefined) throw new MalformedAnswer('the size of a chunk is no number');
    this.#left = Number.parseInt(hex, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
  }

  /** Text up to a mark, which may have begun earlier; nothing when there is more to come. */
  #until(bytes: Buffer, from: number, mark: Buffer): { readonly text: string; readonly next: number } | undefined {
    if (this.#begun === undefined) {
      const found = bytes.indexOf(mark, from);
      this.#count((found === -1 ? bytes.length : found + mark.length) - from);
      if (found === -1) {
        // A copy: the bytes are good for this call only.
        this.#begun = Buffer.from(bytes.subarray(from));
        return undefined;
      }
      return { text: bytes.toString('latin1', from, found), next: found + mark.length };
    }
    const before = this.#begun.length;
    const whole = Buffer.concat([this.#begun, bytes.subarray(from)]);
    const found = whole.indexOf(mark, Math.max(0, before - mark.length + 1));
    this.#count((found === -1 ? whole.length : found + mark.length) - before);
    this.#begun = found === -1 ? whole : undefined;
    return found === -1
      ? undefined
      : { text: whole.toString('latin1', 0, found), next: from + found + mark.length - before };
  }

  #count(bytes: number): void {
    this.#headBytes += bytes;
    if (this.#headBytes > this.maxHeadBytes) {
      throw new MalformedAnswer(`its header is larger than ${this.maxHeadBytes} bytes`);
    }
  }

  #end(): void {
    this.#state = 'done';
    this.parts.end();
  }
}
