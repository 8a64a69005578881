import { token } from '../plugin/token.js';

/** Every bound of sessions and calls, by the name it has in the configuration. */
export interface RpcLimits {
  /** Largest message of an authenticated client, in bytes. */
  readonly messageBytes: number;
  /** Arrays and objects inside each other. */
  readonly depth: number;
  /** Members of all objects of a message together. */
  readonly keys: number;
  /** Longest request id, in bytes. */
  readonly idBytes: number;
  /** Calls in a batch. */
  readonly batchCalls: number;
  /** Calls of one session, in each direction, that are not answered yet. */
  readonly pendingCalls: number;
  /** Subscriptions of one session. */
  readonly subscriptions: number;
  /** Calls that are answered before a session is authenticated. */
  readonly unauthenticatedCalls: number;
  /** How long a session may stay unauthenticated. */
  readonly authenticationMs: number;
  /** Bytes not taken by a client past which its subscriptions are paused and nothing more is read from it. */
  readonly softSendBytes: number;
  /** Bytes not taken by a client past which it is closed as a slow consumer. */
  readonly hardSendBytes: number;
  /** How long a client may stay past the soft limit. */
  readonly behindMs: number;
  /** How long a client has to answer the closing handshake before its socket is destroyed. */
  readonly closeGraceMs: number;
  /** How often a connection is pinged; silence until the next ping ends it. */
  readonly pingIntervalMs: number;
  /** Issues that an `invalid_params` answer names. */
  readonly issues: number;
}
/** Token of {@link RpcLimits}. */
export const RpcLimits = token<RpcLimits>('rpc-limits');

/** What holds where the configuration says nothing. */
export const RPC_DEFAULTS: RpcLimits = {
  messageBytes: 1024 * 1024,
  depth: 64,
  keys: 10_000,
  idBytes: 128,
  batchCalls: 50,
  pendingCalls: 1024,
  subscriptions: 64,
  unauthenticatedCalls: 16,
  authenticationMs: 5_000,
  softSendBytes: 512 * 1024,
  hardSendBytes: 4 * 1024 * 1024,
  behindMs: 30_000,
  closeGraceMs: 5_000,
  pingIntervalMs: 20_000,
  issues: 20,
};
