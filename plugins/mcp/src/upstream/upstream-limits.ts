/** Bounds of what one server may send, hold and take; all from the plugin's configuration. */
export interface UpstreamLimits {
  /** A longer message ends the connection. */
  readonly messageBytes: number;
  /** Read of stdout each second; a server that prints faster is slowed down. */
  readonly bytesPerSecond: number;
  /** Messages that are no answers, each second; a server that sends more is slowed down. */
  readonly unaskedPerSecond: number;
  /** A server that had to be slowed down for this long without a break is ended, milliseconds. */
  readonly floodMs: number;
  /** Lines that are no messages before a server is ended. */
  readonly garbageLines: number;
  /** Bytes waiting to be read by the server. */
  readonly unreadBytes: number;
  /** Requests in flight over one connection. */
  readonly requests: number;
  /** Questions of the server that wait for the caller, over one connection. */
  readonly questions: number;
  /** Tools, prompts, resources or templates kept of one server, each. */
  readonly items: number;
  /** Pages of one listing. */
  readonly pages: number;
  /** Resources subscribed to at one server. */
  readonly subscriptions: number;
  /** Time to start and shake hands, milliseconds. */
  readonly connectMs: number;
  /** Time for the answer that tells the era, milliseconds. */
  readonly probeMs: number;
  /** Time for a request of our own, such as a page of a listing, milliseconds. */
  readonly requestMs: number;
  /** From a server's word that a listing changed until it is read again, milliseconds. */
  readonly settleMs: number;
  /** A listing is not read again sooner, milliseconds, whatever the server says. */
  readonly leastTtlMs: number;
  /** Time for the end of a session over HTTP, milliseconds. */
  readonly goodbyeMs: number;
  /** Until a stream that the server ended is opened again, milliseconds; doubled with each failure. */
  readonly reopenMs: number;
  /** The same at most, milliseconds, also where the server asks for longer. */
  readonly reopenMaxMs: number;
  /** Instances of a server that has one for each caller. */
  readonly callerInstances: number;
  /** One that no request used for this long is stopped, milliseconds. */
  readonly callerIdleMs: number;
}
