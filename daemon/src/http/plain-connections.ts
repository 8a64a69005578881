import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { PlainConnection, type PlainConnectionOwner } from './plain-connection.js';
import type { PlainLimits, PlainRequest } from './plain-request.js';
import type { PlainResponse } from './plain-response.js';

/** What {@link PlainConnections} serve, and how. */
export interface PlainService {
  readonly limits: PlainLimits;
  /** How long a connection is kept without a request, milliseconds. */
  readonly idleMs: number;
  /** Header fields of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Answers a request; `false`, and nothing done, when it is not one to be answered here. */
  serve(request: PlainRequest, response: PlainResponse, socket: Socket): boolean;
}

/**
 * The connections of a server over which only plain requests came so far. They cost a third of what node's own take, which all others are
 * handed to: nearly all traffic of tools is of this kind, and next to nothing else is.
 */
export class PlainConnections implements PlainConnectionOwner {
  readonly limits: PlainLimits;
  readonly kept: string;
  readonly #all = new Set<PlainConnection>();
  readonly #fields: string;
  #server: Server | undefined;
  #node: (socket: Socket) => void = () => undefined;
  #common = '';
  #commonUntil = 0;

  constructor(private readonly service: PlainService) {
    this.limits = service.limits;
    const fields = Object.entries(service.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#fields = fields.join('');
    this.kept = `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(service.idleMs / 1000)}\r\n`;
  }

  /**
   * Stands before a server.
   *
   * @param opened its event that hands over the socket of a request: `connection`, or `secureConnection` with TLS
   */
  guard(server: Server, opened: 'connection' | 'secureConnection'): void {
    const listeners = server.listeners(opened) as ((socket: Socket) => void)[];
    server.removeAllListeners(opened);
    this.#server = server;
    this.#node = (socket) => {
      for (const listener of listeners) listener.call(server, socket);
    };
    server.on(opened, (socket: Socket) => this.#all.add(new PlainConnection(socket, this, this.service.idleMs)));
  }

  get goesOn(): boolean {
    return this.#server?.listening === true;
  }

  /** [RFC 9110 §6.6.1: `Date`, to the second] */
  get common(): string {
    const now = Date.now();
    if (now >= this.#commonUntil) {
      this.#commonUntil = now - (now % 1000) + 1000;
      this.#common = `date: ${new Date(now).toUTCString()}\r\n${this.#fields}`;
    }
    return this.#common;
  }

  serve(request: PlainRequest, response: PlainResponse, socket: Socket): boolean {
    return this.service.serve(request, response, socket);
  }

  handOver(connection: PlainConnection, socket: Socket): void {
    this.#all.delete(connection);
    this.#node(socket);
  }

  gone(connection: PlainConnection): void {
    this.#all.delete(connection);
  }

  /** Closes those over which nothing is asked. */
  closeIdle(): void {
    for (const connection of [...this.#all]) if (connection.idle) connection.socket.destroy();
  }

  closeAll(): void {
    for (const { socket } of [...this.#all]) socket.destroy();
  }
}
