import { OrchestratorError } from '../error.js';
import { ConnectionError } from './connection-error.js';
import type { ClientLimits } from './options.js';
import type { Socket, SocketEnd, Sockets } from './socket.js';
import type { SessionView } from './status.js';
import type { Time, Timer } from './time.js';
import { errorFromWire, requestText, type WireMessage } from './wire.js';

/** Ids of the connection's own requests; those of callers are numbers. */
const LOGIN = 'login';
const PING = 'ping';

/** What a connection needs to open. */
export interface ConnectionOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly sockets: Sockets;
  readonly limits: ClientLimits;
  readonly time: Time;
  /** Gives up while it is opening. */
  readonly signal: AbortSignal;
  /** Called with each message that is not the connection's own. */
  readonly onMessage: (message: WireMessage, connection: Connection) => void;
}

function refusal({ code, reason, status, retryAfterMs, cause }: SocketEnd, token: string | undefined): Error {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (status) {
    case 401:
      return new OrchestratorError(
        'unauthenticated',
        token ? 'the daemon refused the token' : 'the token is missing; "orchestrator keys create" makes one',
      );
    case 403:
      return new OrchestratorError('permission_denied', 'the daemon refused this Host or Origin');
    case 429:
      return new OrchestratorError('rate_limited', undefined, wait);
    case 503:
      return new OrchestratorError('unavailable', undefined, wait);
    default: {
      const why = cause instanceof Error && cause.message !== '' ? cause.message : reason || `close code ${code}`;
      return new ConnectionError('connect_failed', why, { cause });
    }
  }
}

/** One socket from its opening to its end: logs in, notices when the other side is dead. */
export class Connection {
  /** Who the daemon says we are; `undefined` without a token. */
  session: SessionView | undefined;
  /** Resolves when the connection has ended; never rejects. */
  readonly ended: Promise<SocketEnd>;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  #ready: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #deadline: Timer | undefined;
  #pings: Timer | undefined;
  #silentIntervals = 0;
  #over = false;

  private constructor(options: ConnectionOptions, ready: { resolve: () => void; reject: (error: Error) => void }) {
    this.#options = options;
    this.#ready = ready;
    let ended: (end: SocketEnd) => void = () => undefined;
    this.ended = new Promise((resolve) => (ended = resolve));
    this.#deadline = options.time.after(options.limits.connectTimeoutMs, () => {
      this.#fail(new ConnectionError('connect_failed', `No answer within ${options.limits.connectTimeoutMs} ms`));
    });
    options.signal.addEventListener('abort', this.#giveUp);
    this.#socket = options.sockets.open(options.url, options.token, {
      opened: () => this.#login(),
      text: (text) => this.#receive(text),
      heard: () => (this.#silentIntervals = 0),
      closed: (end) => {
        this.#over = true;
        this.#pings?.cancel();
        this.#settle(refusal(end, options.token));
        ended(end);
      },
    });
  }

  /**
   * Connects and logs in.
   *
   * @throws ConnectionError `connect_failed`
   * @throws OrchestratorError what the daemon refused the login with
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection: Connection = new Connection(options, { resolve: () => resolve(connection), reject });
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  /** Nothing happens once the connection has ended. */
  send(text: string): void {
    if (!this.#over) this.#socket.send(text);
  }

  /** Closes with a handshake, or without one if the other side does not answer it in time. */
  async close(code: number, reason: string): Promise<void> {
    this.#socket.close(code, reason);
    const { limits, time } = this.#options;
    const timer = time.after(limits.connectTimeoutMs, () => this.#socket.abort());
    await this.ended;
    timer.cancel();
  }

  readonly #giveUp = () => this.#fail(new ConnectionError('closed'));

  #login(): void {
    const { token, sockets } = this.#options;
    if (token === undefined) this.#settle();
    else if (sockets.sendsToken) this.send(requestText('session.get', {}, LOGIN));
    else this.send(requestText('session.authenticate', { token }, LOGIN));
  }

  #settle(error?: Error): void {
    const ready = this.#ready;
    if (!ready) return;
    this.#ready = undefined;
    this.#deadline?.cancel();
    this.#options.signal.removeEventListener('abort', this.#giveUp);
    if (error) {
      ready.reject(error);
      return;
    }
    const { limits, time } = this.#options;
    this.#pings = time.every(limits.pingIntervalMs, () => this.#watch());
    ready.resolve();
  }

  #fail(error: Error): void {
    this.#settle(error);
    this.#socket.abort();
  }

  /** Browsers cannot send a ping, so that an ordinary call does for one. */
  #watch(): void {
    this.#silentIntervals += 1;
    if (this.#silentIntervals === 2) this.send(requestText('daemon.ping', {}, PING));
    else if (this.#silentIntervals > 2) this.#socket.abort();
  }

  #receive(text: string): void {
    this.#silentIntervals = 0;
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      this.#fail(new ConnectionError('connect_failed', 'The other side sent what is not JSON', { cause }));
      return;
    }
    for (const message of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      if (message !== null && typeof message === 'object') this.#take(message);
    }
  }

  #take(message: WireMessage): void {
    if (message.method === undefined && message.id === PING) return;
    if (message.method === undefined && message.id === LOGIN) {
      if (message.error) this.#fail(errorFromWire(message.error));
      else {
        this.session = message.result as SessionView;
        this.#settle();
      }
    } else this.#options.onMessage(message, this);
  }
}
