import { WebSocket } from 'ws';
import { SUBPROTOCOL, type SocketEnd, type SocketEvents, type Sockets } from './socket.js';

/** Sockets of Node, which send the token with the upgrade. @param maxMessageBytes largest message that is taken */
export function nodeSockets(maxMessageBytes: number): Sockets {
  return {
    sendsToken: true,
    open(url: string, token: string | undefined, events: SocketEvents) {
      const socket = new WebSocket(url, SUBPROTOCOL, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        perMessageDeflate: false,
        maxPayload: maxMessageBytes,
      });
      let ended = false;
      let cause: unknown;
      const end = (how: SocketEnd) => {
        if (ended) return;
        ended = true;
        events.closed(how);
      };
      socket.on('open', () => events.opened());
      socket.on('message', (data, isBinary) => {
        if (ended) return;
        // ws hands out one Buffer unless its binaryType is changed.
        if (!isBinary && Buffer.isBuffer(data)) events.text(data.toString('utf8'));
        else events.heard();
      });
      socket.on('ping', () => events.heard());
      socket.on('error', (error) => (cause = error));
      socket.on('close', (code, reason) => end({ code, reason: reason.toString('utf8'), cause }));
      socket.on('unexpected-response', (request, response) => {
        const seconds = Number(response.headers['retry-after']);
        end({
          code: 1006,
          reason: `HTTP ${String(response.statusCode)}`,
          status: response.statusCode ?? 0,
          ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
        });
        request.destroy();
      });
      return {
        get bufferedBytes() {
          return socket.bufferedAmount;
        },
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: (code, reason) => socket.close(code, reason),
        abort: () => {
          socket.terminate();
          end({ code: 1006, reason: 'aborted' });
        },
      };
    },
  };
}
