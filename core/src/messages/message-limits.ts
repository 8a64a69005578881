import { token } from '../plugin/token.js';

/** Bounds of the message router. */
export interface MessageLimits {
  /** Requests that one agent works on at once. */
  readonly inFlightPerAgent: number;
  /** Requests of all agents together. */
  readonly inFlight: number;
  /** Agents that one request may go through by way of others. */
  readonly hops: number;
  /** Messages that one may bring about, directly and by way of others. */
  readonly family: number;
  /** Messages of which it is known how many they brought about. */
  readonly families: number;
  /** How long a sender waits unless it says so, ms. */
  readonly timeoutMs: number;
  /** What is passed on of an agent's error: characters of its message, and of its data as JSON. */
  readonly agentErrorCharacters: number;
  /** Messages in one inbox, whatever their state. */
  readonly inboxMessages: number;
  /** Bytes of the messages in one inbox. */
  readonly inboxBytes: number;
  /** Bytes that one send to a context may store, all its copies together; a single copy may be larger. */
  readonly copiesBytes: number;
  /** Messages of one inbox that are kept in memory to be delivered next. */
  readonly inboxLoaded: number;
  /** Delayed messages of one inbox whose time is kept in memory. */
  readonly inboxDelayed: number;
  /** Messages that an agent works on at once, unless it says so itself. */
  readonly window: number;
  /** Bytes of messages that an agent works on at once; one message may be larger. */
  readonly windowBytes: number;
  /** Messages that an agent may have pulled and not settled. */
  readonly pulledMessages: number;
  /** Pulls of one inbox that may wait. */
  readonly pullWaiters: number;
  /** Readers of receipts that may wait, of all senders together. */
  readonly receiptReaders: number;
  /** How long an agent has a message before it is delivered again, ms. */
  readonly visibilityMs: number;
  /** How long a message with which an agent's connection was lost has the agent for itself when it comes again, ms. */
  readonly aloneMs: number;
  /** Deliveries of a message before it is a dead letter, unless its sender says so. */
  readonly attempts: number;
  /** Wait before the second delivery, ms; doubles with each. */
  readonly backoffMs: number;
  /** Longest wait between two deliveries, ms. */
  readonly backoffMaxMs: number;
  /** How long a receipt can be read after its message was settled, ms. */
  readonly receiptKeepMs: number;
  /** Between two looks for receipts that are kept no longer, ms. */
  readonly receiptSweepMs: number;
  /** Dead letters kept; past that the oldest is discarded. */
  readonly deadLetters: number;
  /** Contexts whose messages go to the agent that had the last one. */
  readonly stickyContexts: number;
  /** Between two looks for messages whose time is over, ms. */
  readonly sweepMs: number;
}
/** Token of {@link MessageLimits}. */
export const MessageLimits = token<MessageLimits>('message-limits');
/** What {@link MessageLimits} are unless configured. */
export const MESSAGE_LIMITS: MessageLimits = {
  inFlightPerAgent: 32,
  inFlight: 100_000,
  hops: 16,
  family: 10_000,
  families: 10_000,
  timeoutMs: 30_000,
  agentErrorCharacters: 4096,
  inboxMessages: 10_000,
  inboxBytes: 64 * 1024 * 1024,
  copiesBytes: 16 * 1024 * 1024,
  inboxLoaded: 64,
  inboxDelayed: 256,
  window: 32,
  windowBytes: 1024 * 1024,
  pulledMessages: 1_000,
  pullWaiters: 16,
  receiptReaders: 10_000,
  visibilityMs: 60_000,
  aloneMs: 5_000,
  attempts: 5,
  backoffMs: 1_000,
  backoffMaxMs: 300_000,
  receiptKeepMs: 7 * 86_400_000,
  receiptSweepMs: 60_000,
  deadLetters: 10_000,
  stickyContexts: 10_000,
  sweepMs: 1_000,
};
