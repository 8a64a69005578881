/** Bounds of {@link McpBridge}. */
export interface BridgeLimits {
  /** A message, in either direction, in UTF-16 code units. */
  readonly messageLength: number;
  /** Requests of the client under way at once. */
  readonly requests: number;
  /** Resources that a client of a session is subscribed to, which a new session subscribes to again. */
  readonly subscriptions: number;
  /** Tools whose header parameters are known. */
  readonly tools: number;
  /** How long a daemon that is not there is waited for, for each request. */
  readonly unreachableMs: number;
  /** How long a notification or an answer of the client may take to be delivered before those behind it go on. */
  readonly deliveryMs: number;
  /** From the end of stdin until requests under way are given up. */
  readonly drainMs: number;
  /** The shortest and the longest wait before a stream of notifications is opened again. */
  readonly reopenMs: { readonly least: number; readonly most: number };
}

/** What holds unless said otherwise. */
export const BRIDGE_LIMITS: BridgeLimits = {
  messageLength: 16 * 1024 * 1024,
  requests: 256,
  subscriptions: 1000,
  tools: 10_000,
  unreachableMs: 5_000,
  deliveryMs: 10_000,
  drainMs: 1_000,
  reopenMs: { least: 250, most: 30_000 },
};
