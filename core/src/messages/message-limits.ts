import { token } from '../plugin/token.js';

/** Bounds of the message router. */
export interface MessageLimits {
  /** Requests that one agent works on at once. */
  readonly inFlightPerAgent: number;
  /** Requests of all agents together. */
  readonly inFlight: number;
  /** Agents that one request may go through by way of others. */
  readonly hops: number;
  /** How long a sender waits unless it says so, ms. */
  readonly timeoutMs: number;
  /** What is passed on of an agent's error: characters of its message, and of its data as JSON. */
  readonly agentErrorCharacters: number;
}
/** Token of {@link MessageLimits}. */
export const MessageLimits = token<MessageLimits>('message-limits');
/** What {@link MessageLimits} are unless configured. */
export const MESSAGE_LIMITS: MessageLimits = {
  inFlightPerAgent: 32,
  inFlight: 100_000,
  hops: 16,
  timeoutMs: 30_000,
  agentErrorCharacters: 4096,
};
