import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { SystemClock, SystemTimers } from '@ai-orchestrator/core';
import { ConnectionPool, type PoolLimits } from '../../src/http-client/connection-pool.js';
import type { HttpRequest } from '../../src/http-client/request-writer.js';
import { sharedReads } from '../../src/http-client/shared-reads.js';
import type { SentRequest } from '../../src/http-client/sent-request.js';

/** A server that answers requests with the very bytes that a test says. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Requests as they came, each with the number of its connection. */
  readonly asked: string[];
  /** Connections that are open. */
  open(): number;
}

/** Answers the request that was the so-manieth of its connection. */
export type RawAnswer = (socket: Socket, text: string, nth: number) => void;

/** Starts one; requests must not come together. */
export async function rawServer(answer: RawAnswer): Promise<RawServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    let nth = 0;
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/.exec(text)?.[1] ?? 0);
      const early = text.includes('early: yes');
      if (end === -1 || (text.length < end + 4 + length && !early)) return;
      // What is left of a request that is answered early is not read.
      if (early) socket.pause();
      const whole = text;
      text = '';
      asked.push(`${connection} ${whole.slice(0, whole.indexOf(' HTTP/1.1'))}`);
      answer(socket, whole, ++nth);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A pool of connections to it. */
export function poolTo(
  { port }: { readonly port: number },
  limits: Partial<PoolLimits> = {},
): ConnectionPool & Disposable {
  const onread = sharedReads();
  const open = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', onread });
    await once(socket, 'connect');
    return socket;
  };
  const around = { clock: new SystemClock(), timers: new SystemTimers() };
  const bounds = { connections: 1, waiting: 10, idleMs: 10_000, headBytes: 16_384, ...limits };
  const pool = new ConnectionPool(`127.0.0.1:${port}`, open, bounds, around);
  return Object.assign(pool, { [Symbol.dispose]: () => pool.close() });
}

/** Status and body of an answer, or why there is none. */
export function ask(
  pool: ConnectionPool,
  request: Partial<HttpRequest> = {},
  sent?: (request: SentRequest) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const one = pool.send(
      { method: 'POST', path: '/mcp', headers: {}, body: '{}', ...request },
      {
        started: (status) => (text = `${status} `),
        data: (bytes) => (text += bytes.toString()),
        ended: () => resolve(text),
        failed: (why) => resolve(`failed: ${why.message}`),
      },
    );
    sent?.(one);
  });
}
