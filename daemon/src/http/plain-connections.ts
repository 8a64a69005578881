import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { DatedFields } from './common-fields.js';
import { FieldLines } from './field-lines.js';
import { PlainConnection, type PlainConnectionOwner, type PlainTimes } from './plain-connection.js';
import type { PlainLimits, PlainRequest } from './plain-request.js';
import type { PlainResponse } from './plain-response.js';

/** What {@link PlainConnections} serve, and how. */
export interface PlainService {
  readonly limits: PlainLimits;
  readonly times: PlainTimes;
  /** Header fields of every answer that does not have them itself, by lower-case name. */
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
  readonly common: DatedFields;
  readonly lines = new FieldLines();
  readonly #all = new Set<PlainConnection>();
  #server: Server | undefined;
  #node: (socket: Socket) => void = () => undefined;

  constructor(private readonly service: PlainService) {
    this.limits = service.limits;
    this.common = new DatedFields(service.headers, service.times.idleMs);
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
    server.on(opened, (socket: Socket) => this.#all.add(new PlainConnection(socket, this, this.service.times)));
  }

  get goesOn(): boolean {
    return this.#server?.listening === true;
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
