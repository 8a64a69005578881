import { CLOSE, RpcLimits, SessionRegistry, TimingWheel } from '@ai-orchestrator/core';
import { Authentication, Clock, Log, type Principal, type Session, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inject, injectable } from 'tsyringe';
import { Connection, type ConnectionSurroundings } from './web-socket/connection.js';
import { Cork } from './web-socket/cork.js';
import { FrameWriter } from './web-socket/frame-writer.js';
import { ReadShare } from './web-socket/read-share.js';
import { handshakeAnswer, handshakeFault } from './web-socket/handshake.js';
import { WebSocketOptions } from './web-socket/options.js';
import { refuseUpgrade } from './web-socket/refuse-upgrade.js';

/** The one subprotocol that is selected, when a client offers it. */
const SUBPROTOCOL = 'ai-orchestrator.v1';
const BEARER = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;
const RETRY_SOON = { 'retry-after': '1' };
/** How late a ping may go out. */
const PING_TICK_MS = 250;
/** Head of the first frame; the frame limit is about its payload. */
const FRAME_HEAD_BYTES = 14;

/** Sessions over WebSocket [RFC 6455], over the upgrade requests of an HTTP server. */
@injectable()
export class WebSocketServer {
  readonly #shared: ConnectionSurroundings;
  readonly #connections = new Set<Connection>();
  readonly #unauthenticated = new Set<Session>();
  /** Upgrade requests whose credential is being looked at. */
  #authenticating = 0;
  readonly #stopListening: () => void;
  #closing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(
    @inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @inject(Authentication) private readonly authentication: Authentication,
    @inject(RpcLimits) private readonly limits: RpcLimits,
    @inject(WebSocketOptions) private readonly options: WebSocketOptions,
    @inject(Clock) clock: Clock,
    @inject(Timers) timers: Timers,
    @inject(Log) private readonly log: Log,
  ) {
    const wheel = new TimingWheel(timers, clock, PING_TICK_MS);
    const frameLimits = { messageBytes: limits.messageBytes, fragments: options.maxFragments };
    const readShare = new ReadShare(clock, options.readMs);
    this.#shared = { frames: new FrameWriter(), cork: new Cork(), readShare, wheel, limits, frameLimits, log };
    this.#stopListening = sessions.onAuthenticated((session) => this.#unauthenticated.delete(session));
  }

  /** Takes an upgrade request whose path, Host and Origin were found to be right; the socket is its own from here on. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket instanceof Socket) void this.#upgrade(request, socket, head);
    else socket.destroy();
  }

  /** Takes no more connections and ends the open ones; resolves when the last is gone, at most the closing grace later. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopListening();
    if (this.#connections.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    for (const connection of this.#connections) connection.close(CLOSE.goingAway, 'going_away');
    await empty;
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const fault = handshakeFault(request);
    if (fault !== undefined) {
      refuseUpgrade(socket, fault.status, new OrchestratorError('invalid_request', fault.detail), fault.headers);
      return;
    }
    // Counted apart, so that connections that never log in cannot keep out whoever brings a key.
    const keyed = request.headers.authorization !== undefined;
    const waiting = keyed ? this.#authenticating : this.#unauthenticated.size;
    if (waiting >= this.options.maxUnauthenticated) {
      const error = new OrchestratorError('unavailable', 'too many connections are not logged in', {
        retryAfterMs: 1000,
      });
      refuseUpgrade(socket, 503, error, RETRY_SOON);
      return;
    }
    let principal: Principal | undefined;
    if (request.headers.authorization !== undefined) {
      principal = await this.#authenticate(request.headers.authorization, socket);
      if (principal === undefined) return;
    }
    if (this.#closing) {
      refuseUpgrade(socket, 503, new OrchestratorError('going_away', undefined, { retryAfterMs: 1000 }), RETRY_SOON);
      return;
    }
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.setTimeout(0);
    socket.setNoDelay(true);
    if (head.length > 0) socket.unshift(head);
    socket.write(handshakeAnswer(request, SUBPROTOCOL));
    this.#open(socket, principal);
  }

  /** Whose credential it is; otherwise the request is answered and it is `undefined`. */
  async #authenticate(authorization: string, socket: Socket): Promise<Principal | undefined> {
    const token = BEARER.exec(authorization)?.[1];
    this.#authenticating++;
    try {
      const principal =
        token === undefined ? undefined : await this.authentication.authenticate(token, socket.remoteAddress ?? '');
      if (socket.destroyed) return undefined;
      if (principal === undefined) {
        const error = new OrchestratorError('unauthenticated', 'this key is not valid');
        refuseUpgrade(socket, 401, error, { 'www-authenticate': 'Bearer' });
      }
      return principal;
    } catch (error) {
      if (error instanceof OrchestratorError && error.errorName === 'rate_limited') {
        const retryAfterMs = Number(error.data.retryAfterMs ?? 1000);
        refuseUpgrade(socket, 429, error, { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });
        return undefined;
      }
      this.log.error({ err: error }, 'a credential could not be checked');
      refuseUpgrade(socket, 503, new OrchestratorError('unavailable', 'the credential could not be checked'));
      return undefined;
    } finally {
      this.#authenticating--;
    }
  }

  #open(socket: Socket, principal: Principal | undefined): void {
    const connection = new Connection(socket, this.#shared);
    this.#connections.add(connection);
    const session = this.sessions.open(connection, principal);
    connection.listen(session);
    if (principal === undefined) {
      this.#unauthenticated.add(session);
      this.#guard(session, socket);
    }
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.#unauthenticated.delete(session);
      if (this.#connections.size === 0) this.#whenEmpty?.();
    });
  }

  /** Ends a connection that sends more than a first frame may have before it is logged in; seen in its bytes, before any of it is kept. */
  #guard(session: Session, socket: Socket): void {
    const allowed = socket.bytesRead + this.options.unauthenticatedBytes + FRAME_HEAD_BYTES;
    const onData = (): void => {
      if (session.principal !== undefined) socket.off('data', onData);
      else if (socket.bytesRead > allowed) session.close(CLOSE.tooLarge, 'log in before sending so much');
    };
    socket.prependListener('data', onData);
  }
}
