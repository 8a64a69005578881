import type { HttpResponse } from '@ai-orchestrator/core/plugin';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { STATUS_CODES } from './node-http.js';

/** What a {@link PlainResponse} needs of its connection. */
export interface PlainCarrier {
  readonly socket: Pick<Socket, 'write' | 'destroy' | 'destroyed' | 'writableLength'>;
  /** Header fields of every answer, each with the end of its line. */
  readonly common: string;
  /** What says that, and for how long, the connection is kept; the same way. */
  readonly kept: string;
  /** Whether another request may follow over the connection; asked when the head is made. */
  readonly keepsAlive: boolean;
  /** The answer is whole. @param keepsAlive as its head says */
  answered(keepsAlive: boolean): void;
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
  #chunked = false;
  #keepsAlive = false;
  #ended = false;
  #closed = false;
  #listeners: Set<() => void> | undefined;

  constructor(private readonly carrier: PlainCarrier) {}

  get destroyed(): boolean {
    return this.#closed || this.carrier.socket.destroyed;
  }

  get writableLength(): number {
    return this.carrier.socket.writableLength;
  }

  /** @throws Error when the head was made before, or has a field that is none */
  writeHead(status: number, headers: OutgoingHttpHeaders = {}): void {
    if (this.headersSent) throw new Error('the head of an answer is made once');
    let fields = '';
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) fields += field(name, value);
    }
    this.headersSent = true;
    this.statusCode = status;
    this.#chunked = headers['content-length'] === undefined;
    this.#keepsAlive = this.carrier.keepsAlive && headers.connection !== 'close';
    if (this.#chunked) fields += 'transfer-encoding: chunked\r\n';
    if (this.#keepsAlive) fields += this.carrier.kept;
    else if (headers.connection === undefined) fields += 'connection: close\r\n';
    this.#head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${this.carrier.common}${fields}\r\n`;
  }

  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    this.#send('');
  }

  write(text: string): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (text !== '' && !this.#ended) this.#send(this.#chunked ? chunk(text) : text);
  }

  end(text = '', sent?: () => void): void {
    if (this.#ended) throw new Error('an answer ends once');
    if (!this.headersSent) this.writeHead(this.statusCode, { 'content-length': Buffer.byteLength(text) });
    this.#send(this.#chunked ? `${text === '' ? '' : chunk(text)}0\r\n\r\n` : text, sent);
    this.#ended = true;
    if (!this.destroyed) this.carrier.answered(this.#keepsAlive);
    this.close();
  }

  destroy(): void {
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
    if (this.#listeners !== undefined) for (const listener of this.#listeners) listener();
  }

  #send(text: string, sent?: () => void): void {
    const bytes = this.#head + text;
    this.#head = '';
    if (this.destroyed) sent?.();
    else if (bytes !== '' || sent !== undefined) this.carrier.socket.write(bytes, sent);
  }
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** A line break in a value would be a field, or an answer, of somebody else's making. */
const NO_VALUE = /[^\t\x20-\x7e]/;

function field(name: string, value: number | string | readonly string[]): string {
  if (typeof value === 'object') return value.map((each) => field(name, each)).join('');
  const text = String(value);
  if (NO_VALUE.test(text)) throw new Error(`${name} has characters that no header field has`);
  return `${name}: ${text}\r\n`;
}
