import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A JSON-RPC answer as it came. */
export interface RawAnswer {
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

const ENDED: RawAnswer = { error: { code: 0, message: 'the connection has ended' } };

/** One connection with the daemon that does nothing by itself: no reconnect, no resume, no retry. */
export class RawConnection {
  /** Requests and notifications of the daemon, in order. */
  readonly received: {
    readonly id?: number;
    readonly method: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[] = [];
  /** Answers the daemon's requests, where it is set; they are not kept then. */
  onCall:
    ((call: { readonly method: string; readonly params: Readonly<Record<string, unknown>> }) => unknown) | undefined;
  readonly #waiting = new Map<number, (answer: RawAnswer) => void>();
  #lastId = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as RawAnswer & { id?: number; method?: string };
      if (message.method === undefined) this.#answered(message);
      else this.#called(message as (typeof this.received)[number]);
    });
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('close', () => {
      for (const answer of this.#waiting.values()) answer(ENDED);
      this.#waiting.clear();
    });
  }

  /**
   * @param url of the daemon's WebSocket endpoint
   * @param ca certificate to trust, PEM
   */
  static async open(url: string, key: string, ca?: string): Promise<RawConnection> {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${key}` }, ca });
    await once(socket, 'open');
    return new RawConnection(socket);
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  async call(method: string, params: object = {}): Promise<RawAnswer> {
    if (this.socket.readyState !== WebSocket.OPEN) return ENDED;
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** The result of a call. @throws Error with the daemon's words where there is none */
  async result(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const { result, error } = await this.call(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as Readonly<Record<string, unknown>>;
  }

  /** The `data` of the error that a call fails with. @throws Error when it does not fail */
  async failure(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const { error } = await this.call(method, params);
    if (error === undefined) throw new Error(`${method} did not fail`);
    return error.data ?? {};
  }

  /** Ends the connection and resolves once it has ended. */
  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  #called(message: (typeof this.received)[number]): void {
    if (this.onCall === undefined || message.id === undefined) this.received.push(message);
    else this.socket.send(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: this.onCall(message) ?? null }));
  }

  #answered(message: RawAnswer & { id?: number }): void {
    const resolve = this.#waiting.get(message.id ?? 0);
    this.#waiting.delete(message.id ?? 0);
    resolve?.(message);
  }
}
