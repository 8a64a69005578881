import { Client } from './client.js';
import type { ConnectOptions } from './connect.js';
import { nodeSockets } from './node-sockets.js';
import { CLIENT_DEFAULTS } from './options.js';
import { webSockets } from './web-sockets.js';

/**
 * Connects and logs in by a header at the upgrade. Resolves once that is done; from then on a lost connection is made again.
 *
 * @throws ConnectionError `connect_failed` when the daemon cannot be reached
 * @throws OrchestratorError what the login was refused with, for example `unauthenticated`
 * @throws TypeError when the URL is none
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const { WebSocket, maxMessageBytes = CLIENT_DEFAULTS.maxMessageBytes } = options;
  return new Client(options, WebSocket ? webSockets(WebSocket) : nodeSockets(maxMessageBytes)).start();
}
