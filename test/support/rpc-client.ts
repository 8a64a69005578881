import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

/** How long a test waits for something that should come soon. */
const PATIENCE_MS = 60_000;

/** A client that sends text and reads what comes, one message after the other. */
export class RpcClient {
  readonly #messages: string[] = [];
  #waiting: ((text: string) => void) | undefined;
  /** The code and reason that the connection was closed with. */
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(readonly ws: WebSocket) {
    ws.on('message', (data: Buffer) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting === undefined) this.#messages.push(data.toString());
      else waiting(data.toString());
    });
    ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Connects; with a key it logs in at the upgrade. */
  static async connect(url: string, key?: string, options: ClientOptions = {}): Promise<RpcClient> {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const client = new RpcClient(new WebSocket(url, { headers, perMessageDeflate: false, ...options }));
    await once(client.ws, 'open');
    return client;
  }

  /** The next message, parsed. */
  async next(): Promise<unknown> {
    const early = this.#messages.shift();
    if (early !== undefined) return JSON.parse(early);
    const text = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no message came')), PATIENCE_MS);
      this.#waiting = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
    });
    return JSON.parse(text);
  }

  /** Sends a text as it is and reads one message. */
  async ask(text: string): Promise<unknown> {
    this.ws.send(text);
    return this.next();
  }

  /** Calls a method and reads one message. */
  async call(method: string, params?: unknown, id: string | number = 1): Promise<unknown> {
    return this.ask(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }
}
