/** How a socket ended. */
export interface SocketEnd {
  /** WebSocket close code; 1006 when there was no closing handshake. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status, when the upgrade was refused with one. */
  readonly status?: number;
  /** How long the other side asks to wait, when it refused the upgrade. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** What a socket tells its owner; `closed` is the last, and comes once. */
export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  /** Something that is not a message came: the other side lives. */
  heard(): void;
  closed(end: SocketEnd): void;
}

/** One WebSocket, as the client uses it. */
export interface Socket {
  /** Bytes given to `send` that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** Nothing happens on a socket that is not open. */
  send(text: string): void;
  /** Closes with a handshake. @param code 1000, or 4000 to 4999 */
  close(code: number, reason: string): void;
  /** Gives the socket up at once, without waiting for the other side. */
  abort(): void;
}

/** Makes sockets. */
export interface Sockets {
  /** Whether the token goes with the upgrade; otherwise the client logs in by its first call. */
  readonly sendsToken: boolean;
  /** Starts to connect. @param token bearer token, used where {@link Sockets.sendsToken} */
  open(url: string, token: string | undefined, events: SocketEvents): Socket;
}

/** The protocol's name at the upgrade. */
export const SUBPROTOCOL = 'ai-orchestrator.v1';
