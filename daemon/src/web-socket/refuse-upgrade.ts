import type { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from '../http/node-http.js';

/** Answers an upgrade request with an HTTP error and ends the connection [RFC 6455 §4.2.2]. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  error: OrchestratorError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ error: { code: error.code, message: error.message, data: error.data } });
  const lines = Object.entries({
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
