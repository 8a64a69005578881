import { modernVersion, type McpRequest } from './mcp-message.js';

/** A request of the client that waits for its answer. */
export class OpenCall {
  readonly #ending = new AbortController();
  readonly modern: boolean;
  /** Never answered by itself: a stream of notifications. */
  readonly listens: boolean;
  #wanted = true;

  constructor(readonly request: McpRequest) {
    this.modern = modernVersion(request) !== undefined;
    this.listens = request.method === 'subscriptions/listen';
  }

  /** Ends the exchange with the daemon; in the modern era that is the cancellation [Streamable HTTP, Cancellation]. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Whether the client still waits: nothing is sent to it about a call that it has canceled. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** The client waits no longer. */
  cancel(): void {
    this.#wanted = false;
  }

  end(): void {
    this.#wanted = false;
    this.#ending.abort();
  }
}
