import { SUBPROTOCOL, type Socket, type SocketEnd, type SocketEvents, type Sockets } from './socket.js';

/** The part of the standard WebSocket that the client uses; browsers have it, and so has Node from 22 on. */
export interface StandardWebSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Constructor of a {@link StandardWebSocket}. */
export type StandardWebSocketConstructor = new (url: string, protocols?: string | string[]) => StandardWebSocket;

const OPEN = 1;

/** Sockets of a standard WebSocket, which can set no header. */
export function webSockets(WebSocket: StandardWebSocketConstructor): Sockets {
  return {
    sendsToken: false,
    open(url: string, _token: string | undefined, events: SocketEvents): Socket {
      const socket = new WebSocket(url, SUBPROTOCOL);
      let ended = false;
      const end = (how: SocketEnd) => {
        if (ended) return;
        ended = true;
        events.closed(how);
      };
      socket.onopen = () => events.opened();
      socket.onmessage = (event: { readonly data: unknown }) => {
        if (ended) return;
        if (typeof event.data === 'string') events.text(event.data);
        else events.heard();
      };
      socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => end({ code, reason });
      // A browser says nothing about an error; the close event that follows has the code.
      socket.onerror = () => events.heard();
      return {
        get bufferedBytes() {
          return socket.bufferedAmount;
        },
        send: (text) => {
          if (socket.readyState === OPEN) socket.send(text);
        },
        close: (code, reason) => socket.close(code, reason),
        abort: () => {
          socket.close(4000, 'aborted');
          end({ code: 1006, reason: 'aborted' });
        },
      };
    },
  };
}
