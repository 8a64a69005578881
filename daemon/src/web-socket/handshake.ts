import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Appended to the client's key [RFC 6455 §1.3]. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const VERSION = '13';

/** Why a request is no opening handshake, and the status that says so. */
export interface HandshakeFault {
  readonly status: number;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is wrong with an opening handshake [RFC 6455 §4.2.1]; `undefined` when nothing is. */
export function handshakeFault(request: IncomingMessage): HandshakeFault | undefined {
  const { method, headers } = request;
  if (method !== 'GET') return { status: 405, detail: 'upgrade with GET', headers: { allow: 'GET' } };
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return { status: 400, detail: 'the Upgrade header must say websocket', headers: {} };
  }
  if (headers['sec-websocket-version'] !== VERSION) {
    const detail = `the WebSocket version must be ${VERSION}`;
    return { status: 426, detail, headers: { upgrade: 'websocket', 'sec-websocket-version': VERSION } };
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) {
    return { status: 400, detail: 'Sec-WebSocket-Key must be 16 bytes in base64', headers: {} };
  }
  return undefined;
}

/** The answer to an opening handshake without fault [RFC 6455 §4.2.2]: the subprotocol if it was offered, never an extension. */
export function handshakeAnswer(request: IncomingMessage, subprotocol: string): string {
  const { headers } = request;
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}${GUID}`)
    .digest('base64');
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const selected = offered.includes(subprotocol) ? `Sec-WebSocket-Protocol: ${subprotocol}\r\n` : '';
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  return `${head}Sec-WebSocket-Accept: ${accept}\r\n${selected}\r\n`;
}
