/** What carries a session's messages; one text message is one JSON-RPC message or batch. */
export interface Transport {
  readonly remoteAddress: string;
  /** Bytes handed over that the peer's kernel has not taken. */
  readonly bufferedBytes: number;
  /** Queues one text message made of `head`, `body` (bytes are UTF-8) and `tail`; nothing once it is closing. */
  send(head: string, body?: Uint8Array | string, tail?: string): void;
  /** Stops and goes on reading; what was read already may still come. */
  pause(): void;
  resume(): void;
  /** Starts the closing handshake after what is queued; destroys the connection when it is not answered in time. */
  close(code: number, reason: string): void;
}

/** What a transport tells the session on top of it. */
export interface TransportListener {
  /** One text message, valid UTF-8: these bytes of a buffer that must stay as it is while it is referenced. */
  receive(bytes: Buffer, from: number, to: number): void;
  /** The peer has taken everything that was queued. */
  drained(): void;
  /** The connection has ended; called once, and nothing after it. */
  ended(): void;
}
