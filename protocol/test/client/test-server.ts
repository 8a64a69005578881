import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** A message as the server sees it. */
export interface Received {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** One connection, as a test drives it. */
export class Peer {
  readonly received: Received[] = [];

  constructor(
    readonly socket: WebSocket,
    readonly upgrade: IncomingMessage,
  ) {}

  send(message: object): void {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }
}

/** What a method answers: a result, or an error object that is thrown. `undefined` leaves the call unanswered. */
export type Answers = Readonly<Record<string, (params: Record<string, unknown>, peer: Peer, id: unknown) => unknown>>;

export const SESSION = {
  sessionId: '0199f3a1-7c00-7000-8000-000000000001',
  principal: { id: 'tester', kind: 'agent', roles: ['agent'] },
  daemonVersion: '0.1.0',
  node: 'node-1',
  limits: { messageBytes: 1_048_576, batchCalls: 50, pendingCalls: 256, pingIntervalMs: 20_000 },
};

/** A WebSocket server that plays the daemon. */
export class TestServer {
  readonly peers: Peer[] = [];
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer, answers: Answers) {
    this.#server = server;
    const all: Answers = {
      'session.get': () => SESSION,
      'session.authenticate': () => SESSION,
      'inbox.open': ({ window }) => ({ window }),
      'inbox.close': () => ({ done: true }),
      'task.open': ({ window }) => ({ window }),
      'task.close': () => ({ held: 0 }),
      ...answers,
    };
    server.on('connection', (socket, upgrade) => {
      const peer = new Peer(socket, upgrade);
      this.peers.push(peer);
      socket.on('error', () => socket.terminate());
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Received;
        peer.received.push(message);
        const answer = all[message.method ?? ''];
        if (message.method === undefined || !answer) return;
        try {
          const result = answer(message.params ?? {}, peer, message.id);
          if (result !== undefined) peer.send({ id: message.id, result });
        } catch (error) {
          const { code, message: text, data } = error as { code: number; message: string; data?: unknown };
          peer.send({ id: message.id, error: { code, message: text, data } });
        }
      });
    });
  }

  static async start(answers: Answers = {}, port = 0): Promise<TestServer> {
    const server = new WebSocketServer({ port, host: '127.0.0.1', handleProtocols: () => 'ai-orchestrator.v1' });
    await once(server, 'listening');
    return new TestServer(server, answers);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${String(this.port)}/rpc`;
  }

  /** Every message that came, over all connections. */
  get received(): Received[] {
    return this.peers.flatMap((peer) => peer.received);
  }

  /** The newest connection. */
  get peer(): Peer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('nobody has connected');
    return peer;
  }

  async stop(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Waits until something holds; fails after a minute. */
export async function eventually(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`did not come to hold: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
