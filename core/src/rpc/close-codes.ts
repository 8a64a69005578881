/** The WebSocket close codes that the daemon sends, and what a client does next. */
export const CLOSE = {
  /** The daemon stops or its client is done: connect again after `daemon.goingAway`'s `retryAfterMs` [RFC 6455 §7.4.1]. */
  goingAway: 1001,
  /** A frame that is not text: send JSON as text frames [RFC 6455 §7.4.1]. */
  unsupportedData: 1003,
  /** A message before authentication that is too large [RFC 6455 §7.4.1]. */
  tooLarge: 1009,
  /** No login within `authenticationMs` or `unauthenticatedCalls`: log in with the first call or at the upgrade. */
  authenticationTimeout: 4001,
  /** The credential was revoked or has expired, or may no longer keep an agent registered: log in with another. */
  credentialEnded: 4003,
  /** The client reads too slowly; the reason and `subscription.closed` carry the cursor to resume from. */
  slowConsumer: 4008,
} as const;
