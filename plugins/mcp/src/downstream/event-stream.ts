import type { HttpResponse } from '@ai-orchestrator/core/plugin';

const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Proxies would otherwise hold back what they think is a short answer [MCP 2026-07-28, streamable-http, Receiving Messages].
  'x-accel-buffering': 'no',
} as const;

/** What is sent to a client that must notice that the connection lives. */
const COMMENT = ':\n\n';

/**
 * Server-sent events on one HTTP answer. A client that does not read what it asked for is cut off once more than `pendingBytes` wait for
 * it: node gives no other bound.
 */
export class EventStream {
  #open = true;

  /** @param overflown told once when the client was cut off */
  constructor(
    private readonly response: HttpResponse,
    private readonly pendingBytes: number,
    private readonly overflown: () => void,
    headers: Readonly<Record<string, string>> = {},
  ) {
    response.writeHead(200, { ...HEAD, ...headers });
    response.flushHeaders();
    response.once('close', () => (this.#open = false));
  }

  get open(): boolean {
    return this.#open;
  }

  /** Sends one message; `id` makes it one to resume from. */
  message(data: string, id?: string): void {
    this.#write(
      id === undefined ? `event: message\ndata: ${data}\n\n` : `event: message\nid: ${id}\ndata: ${data}\n\n`,
    );
  }

  /** An event without a message, from which the client may resume, and how long it is to wait before it does. */
  prime(id: string, retryMs: number): void {
    this.#write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
  }

  /** Keeps proxies and clients from giving up a quiet stream. */
  comment(): void {
    this.#write(COMMENT);
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.response.end();
  }

  #write(text: string): void {
    if (!this.#open) return;
    this.response.write(text);
    if (this.response.writableLength <= this.pendingBytes) return;
    this.#open = false;
    this.response.destroy();
    this.overflown();
  }
}
