import { OrchestratorError } from '../error.js';
import { backoffMs } from './backoff.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { SocketEnd } from './socket.js';
import type { Status } from './status.js';
import { retryAfterOf } from './wire.js';

/** What a link needs, and whom it tells. */
export interface LinkOptions extends Omit<ConnectionOptions, 'signal'> {
  /** 0 <= n < 1. */
  readonly random: () => number;
  readonly status: Status;
  readonly onConnected: (connection: Connection) => void;
  readonly onLost: () => void;
}

/** Trying again cannot help against these. */
function isFinal(error: unknown): boolean {
  return error instanceof OrchestratorError && !error.data.retryable;
}

/** Keeps one connection open: connects, and connects again with backoff when it is lost. */
export class Link {
  connection: Connection | undefined;
  readonly #options: LinkOptions;
  readonly #stopping = new AbortController();
  #wake: (() => void) | undefined;
  #failures = 0;
  #attempts: number;
  /** What the daemon asked for before it went. */
  #retryAfterMs: number | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#attempts = options.limits.connectAttempts;
  }

  /** Runs until stopped. Rejects with the last error when it gives up, or when trying again cannot help. */
  async run(): Promise<void> {
    while (!this.#stopped()) {
      try {
        const end = await this.#once();
        if (this.#stopped()) return;
        await this.#pause(end.reason === '' ? `close code ${end.code}` : end.reason);
      } catch (error) {
        if (this.#stopped()) return;
        this.#failures += 1;
        if (isFinal(error) || this.#failures >= this.#attempts) throw error;
        this.#retryAfterMs ??= retryAfterOf(error);
        await this.#pause(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** The daemon asks to stay away for so many milliseconds once this connection has ended. */
  stayAway(ms: number): void {
    this.#retryAfterMs = ms;
  }

  /** Ends the connection and does not make another. */
  async stop(code: number, reason: string): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await this.connection?.close(code, reason);
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #once(): Promise<SocketEnd> {
    const { status, limits, time, onConnected, onLost } = this.#options;
    status.set({ state: 'connecting', attempt: this.#failures + 1 });
    const connection = await Connection.open({ ...this.#options, signal: this.#stopping.signal });
    // It opened in the same turn in which it was to stop.
    if (this.#stopped()) {
      await connection.close(1000, 'closed');
      return connection.ended;
    }
    this.connection = connection;
    this.#attempts = limits.reconnectAttempts;
    const stable = time.after(limits.stableAfterMs, () => (this.#failures = 0));
    status.set({ state: 'connected', session: connection.session });
    onConnected(connection);
    const end = await connection.ended;
    stable.cancel();
    this.connection = undefined;
    this.#failures += 1;
    onLost();
    return end;
  }

  async #pause(reason: string): Promise<void> {
    const { random, limits, status, time } = this.#options;
    const delayMs = backoffMs(this.#failures, random, limits, this.#retryAfterMs);
    this.#retryAfterMs = undefined;
    status.set({ state: 'waiting', attempt: this.#failures, delayMs, reason });
    await new Promise<void>((resolve) => {
      const timer = time.after(delayMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
