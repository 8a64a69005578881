import type { HttpResponse } from '@ai-orchestrator/core/plugin';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { FieldLines } from './field-lines.js';
import { STATUS_CODES } from './node-http.js';

/** What a {@link PlainResponse} needs of its connection. */
export interface PlainCarrier {
  readonly socket: Pick<Socket, 'write' | 'destroy' | 'destroyed' | 'writableLength'>;
  readonly lines: FieldLines;
  /** Header fields of every answer that does not have them itself, by lower-case name. */
  readonly common: CommonFields;
  /** Whether another request may follow over the connection; asked when the head is made. */
  readonly keepsAlive: boolean;
  /** The answer is whole. @param keepsAlive as its head says */
  answered(keepsAlive: boolean): void;
}

/** Header fields, each with the end of its line. */
export interface CommonFields {
  readonly text: string;
  /** What says that, and for how long, the connection is kept. */
  readonly keepAlive: string;
  has(name: string): boolean;
  without(names: ReadonlySet<string>): string;
}

/**
 * The answer to a plain request [RFC 9112 §4, §6, §7.1]. One that is given at once is one write, head and body; one whose length is not said
 * goes in chunks.
 */
export class PlainResponse implements HttpResponse {
  statusCode = 200;
  headersSent = false;
  /** The head, until it is sent with what comes first of the body. */
  #head = '';
  /** Whether a field of the head is beyond ASCII: one of this answer, as the common ones never are. */
  #isWide = false;
  #chunked = false;
  #bodiless = false;
  #keepsAlive = false;
  #closed = false;
  #listeners: Set<() => void> | undefined;

  constructor(private readonly carrier: PlainCarrier) {}

  get destroyed(): boolean {
    return this.#closed || this.carrier.socket.destroyed;
  }

  get writableLength(): number {
    return this.carrier.socket.writableLength;
  }

  /** @throws Error when the head was made before; TypeError when it has a field that is none */
  writeHead(status: number, headers: OutgoingHttpHeaders = {}): void {
    if (this.headersSent) throw new Error('the head of an answer is made once');
    const { common, lines } = this.carrier;
    let replaces = false;
    let closes = false;
    let hasLength = false;
    let fields = '';
    for (const given in headers) {
      const value = headers[given];
      if (value === undefined) continue;
      const name = given.toLowerCase();
      replaces ||= common.has(name);
      hasLength ||= name === 'content-length';
      if (name === 'connection') closes = /close/i.test(String(value));
      // How the body is sent is said here, where it is known.
      else if (name !== 'transfer-encoding') fields += lines.of(given, value);
    }
    this.headersSent = true;
    this.statusCode = status;
    this.#bodiless = status < 200 || status === 204 || status === 304;
    this.#chunked = !this.#bodiless && !hasLength;
    this.#keepsAlive = this.carrier.keepsAlive && !closes;
    this.#isWide = !ASCII.test(fields);
    if (this.#chunked) fields += 'transfer-encoding: chunked\r\n';
    fields += this.#keepsAlive ? common.keepAlive : 'connection: close\r\n';
    const ours = replaces ? common.without(namesOf(headers)) : common.text;
    this.#head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${ours}${fields}\r\n`;
  }

  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    this.#send('');
  }

  write(text: string): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (text !== '' && !this.#closed) this.#send(this.#chunked ? chunk(text) : text);
  }

  end(text = '', sent?: () => void): void {
    if (this.#closed) {
      sent?.();
      return;
    }
    if (!this.headersSent) this.writeHead(this.statusCode, { 'content-length': Buffer.byteLength(text) });
    this.#send(this.#chunked ? `${text === '' ? '' : chunk(text)}0\r\n\r\n` : text, sent);
    const { destroyed } = this;
    this.close();
    if (!destroyed) this.carrier.answered(this.#keepsAlive);
  }

  /** Cuts the client off, while the answer is not whole: afterwards the connection is another answer's. */
  destroy(): void {
    if (this.#closed) return;
    this.carrier.socket.destroy();
    this.close();
  }

  once(_event: 'close', listener: () => void): void {
    (this.#listeners ??= new Set()).add(listener);
  }

  off(_event: 'close', listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  /** The connection is gone, or the answer over. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const listeners = this.#listeners;
    if (listeners === undefined || listeners.size === 0) return;
    // Never within what somebody else is doing.
    process.nextTick(() => {
      for (const listener of listeners) listener();
    });
  }

  #send(text: string, sent?: () => void): void {
    const head = this.#head;
    this.#head = '';
    const body = this.#bodiless ? '' : text;
    if (this.destroyed) sent?.();
    else if (head !== '' && this.#isWide) {
      this.carrier.socket.write(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]), sent);
    } else if (head !== '' || body !== '' || sent !== undefined) this.carrier.socket.write(head + body, sent);
  }
}

function namesOf(headers: OutgoingHttpHeaders): ReadonlySet<string> {
  return new Set(Object.keys(headers).map((name) => name.toLowerCase()));
}

const ASCII = /^[\x00-\x7f]*$/;

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
