import type { Incoming, Outgoing, RequestId } from './message.js';

/** One connection to a server, whatever carries it. */
export interface Wire {
  /** What goes wrong with a request is told to the receiver; a notification or response that cannot be sent is lost with its connection. */
  send(message: Outgoing, headers?: Readonly<Record<string, string>>): void;
  /** Nobody waits for the answer to this request any more. */
  abandon(id: RequestId): void;
  /** The server has been greeted: from now on it may speak unasked, where that takes a stream of its own. */
  listen?(): void;
  /** What the server is instead, that did not understand how it was greeted, as far as that can be told by asking in a way that changes nothing. */
  mistaken?(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Who is told what a wire brings. */
export interface Receiver {
  /** @param stream the request on whose own stream it came; undefined where all share one */
  received(message: Incoming, stream: RequestId | undefined): void;
  /** Whether somebody still waits for the answer to this request. */
  awaits(id: RequestId): boolean;
  /** There will be no answer to this request. */
  failed(id: RequestId, why: Error): void;
  /**
   * The connection is of no use any more.
   *
   * @param renew the server lives and wants to be greeted anew
   */
  broken(why: string, renew?: boolean): void;
}
