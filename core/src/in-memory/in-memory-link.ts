import type { Transport, TransportListener } from '../rpc/transport.js';

/** How the client's end is told; as the client's sockets have it. */
export interface ClientEnd {
  opened(): void;
  text(text: string): void;
  closed(end: { readonly code: number; readonly reason: string }): void;
}

/** A connection without a network: each end's messages reach the other one turn of the loop later, in order, or never once it was cut. */
export class InMemoryLink implements Transport {
  readonly remoteAddress = 'in-memory';
  #session: TransportListener | undefined;
  #toClient: string[] = [];
  #toSession: string[] = [];
  #bufferedBytes = 0;
  #paused = false;
  #scheduled = false;
  #state: 'open' | 'closing' | 'ended' = 'open';

  constructor(
    private readonly client: ClientEnd,
    private readonly onEnd: (link: InMemoryLink) => void,
  ) {}

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Who is told what the client sends. */
  listen(session: TransportListener): void {
    this.#session = session;
    setImmediate(() => {
      if (this.#state === 'open') this.client.opened();
    });
  }

  send(head: string, body: Uint8Array | string = '', tail = ''): void {
    if (this.#state !== 'open') return;
    const text = head + (typeof body === 'string' ? body : Buffer.from(body).toString()) + tail;
    this.#toClient.push(text);
    this.#bufferedBytes += Buffer.byteLength(text);
    this.#schedule();
  }

  /** What the client sends. */
  receive(text: string): void {
    if (this.#state !== 'open') return;
    this.#toSession.push(text);
    this.#schedule();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    setImmediate(() => {
      this.#deliver();
      this.#end(code, reason);
    });
  }

  /** Ends the connection at once, with what is on its way. */
  cut(): void {
    this.#toClient = [];
    this.#toSession = [];
    this.#end(1006, 'cut');
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    for (const text of this.#toClient.splice(0)) {
      this.#bufferedBytes -= Buffer.byteLength(text);
      this.client.text(text);
    }
    while (!this.#paused) {
      const text = this.#toSession.shift();
      if (text === undefined) break;
      const bytes = Buffer.from(text);
      this.#session?.receive(bytes, 0, bytes.length);
    }
    if (this.#bufferedBytes === 0 && this.#state === 'open') this.#session?.drained();
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.onEnd(this);
    this.#session?.ended();
    this.client.closed({ code, reason });
  }
}
