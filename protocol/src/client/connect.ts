import { Client } from './client.js';
import type { ClientOptions } from './client-options.js';
import { webSockets, type StandardWebSocketConstructor } from './web-sockets.js';

/** How to reach the daemon, and with what. */
export interface ConnectOptions extends ClientOptions {
  /** A standard WebSocket to use instead of the platform's own; it logs in by its first call. */
  readonly WebSocket?: StandardWebSocketConstructor;
}

/**
 * Connects with the platform's own WebSocket and logs in by `session.authenticate`. Resolves once that is done; from then on a lost
 * connection is made again.
 *
 * @throws ConnectionError `connect_failed` when the daemon cannot be reached
 * @throws OrchestratorError what the login was refused with, for example `unauthenticated`
 * @throws TypeError when the URL is none
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const standard = options.WebSocket ?? (globalThis as { WebSocket?: StandardWebSocketConstructor }).WebSocket;
  if (!standard) throw new TypeError('This platform has no WebSocket of its own; pass one as options.WebSocket.');
  return new Client(options, webSockets(standard)).start();
}
