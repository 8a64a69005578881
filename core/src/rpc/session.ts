import type { Permission } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';
import type { RelayedJson } from './relayed-json.js';

/** What came back on a call to a client; its bytes were checked to be JSON and stay as they are while they are referenced. */
export type Answer =
  | { readonly kind: 'result'; readonly bytes: Uint8Array }
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly data?: unknown }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed' };

/** A call to a client that is not answered yet. */
export interface PendingCall {
  /** The JSON-RPC id it was sent with. */
  readonly id: number;
  /** Sends `request.cancel` and forgets it; its callback is not called. */
  cancel(reason: string): void;
}

/** Entries for a subscription, in order, with the cursor after the last of them. */
export interface SubscriptionBatch {
  readonly entries: readonly unknown[];
  readonly cursor: string;
}

/** What a session may send and how it is watched. */
export interface SessionLimits {
  readonly messageBytes: number;
  readonly batchCalls: number;
  readonly pendingCalls: number;
  readonly pingIntervalMs: number;
}

/** One connection with a client, whatever carries it. */
export interface Session {
  readonly id: string;
  /** `undefined` until it is logged in. */
  readonly principal: Principal | undefined;
  readonly remoteAddress: string;
  /** Wall-clock milliseconds. */
  readonly connectedAt: number;
  readonly closed: boolean;
  /** Bytes that the client has not taken yet. */
  readonly bufferedBytes: number;
  readonly limits: SessionLimits;
  /** Open subscriptions. */
  readonly subscriptions: number;
  /** Calls in both directions that are not answered yet. */
  readonly pendingCalls: number;

  /**
   * Calls the client. `done` is called exactly once unless canceled, never before this returns; past `timeoutMs` the client is sent
   * `request.cancel`.
   *
   * @throws OrchestratorError `too_many_pending` past the session's bound
   */
  request(
    method: string,
    params: RelayedJson | Readonly<Record<string, unknown>>,
    timeoutMs: number,
    done: (answer: Answer) => void,
  ): PendingCall;
  /** Tells the client; answers false when it was dropped, and counted, because the session is past its hard send limit or closed. */
  notify(method: string, params: RelayedJson | Readonly<Record<string, unknown>>): boolean;
  /**
   * Sends what `source` yields as `subscription.events`. Nothing is taken from it while the client is behind by more than the soft
   * limit; past the hard limit or deadline the subscription ends with its cursor and the connection is closed. It ends too when the
   * session's principal no longer has the permission. Answers its id.
   *
   * @throws OrchestratorError `limit_exceeded` past the session's bound of subscriptions, `permission_denied`
   */
  subscribe(
    source: (signal: AbortSignal) => AsyncIterable<SubscriptionBatch>,
    cursor: string,
    permission: Permission,
  ): string;
  /** Ends a subscription; false when there is none with this id. */
  unsubscribe(subscriptionId: string): boolean;
  /** Called once when the connection has ended; answers how to stop listening. */
  onClose(listener: () => void): () => void;
  /** @param code WebSocket close code; ours are 4000 and up */
  close(code: number, reason: string): void;
}

/** The open sessions. */
export interface Sessions {
  readonly size: number;
  /** No new work is to be begun: the daemon is about to stop. */
  readonly draining: boolean;
  all(): Iterable<Session>;
  /** Called for each session that logs in; answers how to stop listening. */
  onAuthenticated(listener: (session: Session) => void): () => void;
  /** Called when a drain begins; answers how much that it should wait for is still under way. Answers how to stop listening. */
  onDrain(listener: () => () => number): () => void;
  /**
   * Tells every client `daemon.goingAway`, refuses new calls but those that conclude something, waits for what is under way until the
   * deadline, then closes.
   */
  drain(reason: string, deadlineMs: number): Promise<void>;
}
/** Token of {@link Sessions}. */
export const Sessions = token<Sessions>('sessions');
