import { once } from 'node:events';
import { WebSocket } from 'ws';

/** The answer to a call, or that nobody knows. */
export type LinkAnswer =
  { readonly result: Readonly<Record<string, unknown>> } | { readonly error: string } | { readonly unknown: true };

/** A call of the daemon. */
export interface IncomingCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Does nothing where it is a notification. */
  answer(reply: { readonly result: unknown } | { readonly error: object }): void;
}

interface Frame {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly data?: { readonly name?: string } };
}

const OPEN_MS = 5_000;
/** A call that is not answered by then is as good as lost. */
const CALL_MS = 15_000;

/** One connection of an agent, which hides nothing: what was not answered when it ended is unknown. */
export class AgentLink {
  readonly closed: Promise<void>;
  readonly #waiting = new Map<number, (answer: LinkAnswer) => void>();
  #lastId = 0;
  #over = false;

  private constructor(
    private readonly socket: WebSocket,
    private readonly onCall: (call: IncomingCall) => void,
  ) {
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#over = true;
        for (const answer of this.#waiting.values()) answer({ unknown: true });
        this.#waiting.clear();
        resolve();
      });
    });
    socket.on('message', (data) => this.#receive(JSON.parse((data as Buffer).toString()) as Frame));
  }

  /** @throws Error when there is no connection within some seconds */
  static async open(url: string, token: string, onCall: (call: IncomingCall) => void): Promise<AgentLink> {
    const options = { headers: { authorization: `Bearer ${token}` }, handshakeTimeout: OPEN_MS };
    const socket = new WebSocket(url, options);
    socket.on('error', () => socket.terminate());
    const link = new AgentLink(socket, onCall);
    const opened = await Promise.race([once(socket, 'open').then(() => true), link.closed.then(() => false)]);
    if (!opened) throw new Error('no connection');
    return link;
  }

  get isOpen(): boolean {
    return !this.#over && this.socket.readyState === WebSocket.OPEN;
  }

  async call(method: string, params: object): Promise<LinkAnswer> {
    if (!this.isOpen) return { unknown: true };
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#waiting.delete(id);
        resolve({ unknown: true });
      }, CALL_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      this.#send({ id, method, params });
    });
  }

  end(): void {
    this.#over = true;
    this.socket.terminate();
  }

  #receive({ id, method, params = {}, result, error }: Frame): void {
    if (this.#over) return;
    if (method !== undefined) {
      const answer: IncomingCall['answer'] = (reply) => {
        if (id !== undefined && this.isOpen) this.#send({ id, ...reply });
      };
      this.onCall({ method, params, answer });
      return;
    }
    const waiting = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    waiting?.(error === undefined ? { result: result ?? {} } : { error: error.data?.name ?? String(error.code) });
  }

  #send(frame: object): void {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', ...frame }));
  }
}
