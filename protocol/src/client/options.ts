/** What the client takes by default; every member is a bound of something. Times are in milliseconds, sizes in bytes. */
export const CLIENT_DEFAULTS = {
  /** How long a call may take, the time it waits for a connection included. */
  callTimeoutMs: 30_000,
  /** How long connecting and logging in may take. */
  connectTimeoutMs: 10_000,
  /** How often the first connection is tried before `connect` fails. */
  connectAttempts: 1,
  /** How often in a row a lost connection is tried again before the client closes. */
  reconnectAttempts: 10_000,
  /** Upper bound of the first delay; doubles with each failure. The delay is random below its bound (full jitter). */
  reconnectBaseMs: 200,
  /** Largest bound of a delay. */
  reconnectMaxMs: 15_000,
  /** Longest wait that the daemon can ask for. */
  retryAfterMaxMs: 300_000,
  /** A connection that lasted this long counts as a success: the delays start small again. */
  stableAfterMs: 5_000,
  /** After a whole interval of silence the daemon is pinged, and after another the connection is given up. */
  pingIntervalMs: 20_000,
  /** Calls not answered yet, those that wait for a connection included. */
  maxPendingCalls: 1_024,
  /** Calls of the daemon being answered at a time. */
  maxIncomingCalls: 1_024,
  /** Bytes that the network has not taken; calls are refused past it. */
  maxBufferedBytes: 16_777_216,
  /** Largest message that is taken from the daemon; a larger one ends the connection. */
  maxMessageBytes: 16_777_216,
  /** Entries of a subscription that wait for their reader; past it the subscription pauses, and resumes from its cursor. */
  maxBufferedEntries: 10_000,
  /** Messages whose handling is remembered, so that one that comes again is not handled again. */
  maxRememberedMessages: 10_000,
  /** Receipts that are awaited at a time. */
  maxAwaitedReceipts: 10_000,
  /** Bytes, or characters of text, of one chunk of an artifact; as JSON it has to fit the daemon's message limit. */
  artifactChunkBytes: 262_144,
  /** How often receipts and results that are awaited are looked at while no subscription is free. */
  pollMs: 5_000,
  /** Changes of a replica in one synchronisation; the daemon may take fewer. */
  syncChanges: 256,
  /** Characters of those as JSON, about; as JSON they have to fit the daemon's message limit. */
  syncBytes: 262_144,
  /** How long `drain` waits for calls in flight. */
  drainTimeoutMs: 25_000,
} as const;

/** The bounds of a client; see {@link CLIENT_DEFAULTS}. */
export type ClientLimits = { readonly [Name in keyof typeof CLIENT_DEFAULTS]: number };
