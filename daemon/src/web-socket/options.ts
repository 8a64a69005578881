import { token } from '@ai-orchestrator/core/plugin';

/** What a WebSocket listener allows beside the limits of sessions. */
export interface WebSocketOptions {
  /** Fragments of one message. */
  readonly maxFragments: number;
  /** Bytes that a connection may send before it is logged in. */
  readonly unauthenticatedBytes: number;
  /** Connections that are not logged in, at a time. */
  readonly maxUnauthenticated: number;
  /** How long frames are read in one turn of the event loop; of each connection one is, whatever it takes. */
  readonly readMs: number;
}
/** Token of {@link WebSocketOptions}. */
export const WebSocketOptions = token<WebSocketOptions>('web-socket-options');

/** What holds where the configuration says nothing. */
export const WEB_SOCKET_DEFAULTS: WebSocketOptions = {
  maxFragments: 1024,
  unauthenticatedBytes: 64 * 1024,
  maxUnauthenticated: 256,
  readMs: 1,
};
