import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RateLimiter } from '@ai-orchestrator/core';
import {
  Authentication,
  Authorizer,
  Instruments,
  Log,
  token,
  type Http,
  type HttpExchange,
  type HttpMount,
  type HttpRequest,
  type HttpResponse,
  type Principal,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { isLoopback } from '../config/load-configuration.js';
import { Admission } from './admission.js';
import { ConnectionRoom } from './connection-room.js';
import { failureOf, INVALID_TOKEN, sendFailure, type HttpFailure } from './http-failure.js';
import { ListenError } from './listen-error.js';
import { MountTable } from './mount-table.js';
import { createServer, STATUS_CODES } from './node-http.js';
import { OriginGuard, type AllowedNames } from './origin-guard.js';
import { PlainConnections } from './plain-connections.js';
import type { PlainRequest } from './plain-request.js';
import type { PlainResponse } from './plain-response.js';
import { readBody, sendWebResponse, webRequest } from './web-exchange.js';

/** How the listener is bound; all from the configuration's `http`. */
export interface HttpOptions extends AllowedNames {
  readonly port: number;
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Open connections at most; further ones are closed as they come. */
  readonly connections: number;
}
/** Token of {@link HttpOptions}. */
export const HttpOptions = token<HttpOptions>('http-options');

/** Certificate chain and private key, PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Takes over a socket; Host, Origin and admission were checked. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A request, where its answer goes, and what is to answer it. */
interface Asked extends Pick<HttpExchange, 'request' | 'response'> {
  readonly path: string;
  readonly mount: HttpMount | undefined;
}

/** How long a client is asked to wait when there are too many connections. */
const RETRY_FULL_MS = 1_000;

/** A header set that costs nothing and takes away what browsers would otherwise allow. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/**
 * The daemon's one HTTP listener, which WebSocket connections come through too. Plain requests are read here, all others by `node:http`: hono with
 * its adapter would cost the start 60 ms and 12 MiB, for two routes and a table.
 */
@injectable()
export class HttpListener implements Http {
  /** How many connections there may be. */
  readonly room: ConnectionRoom;
  readonly #mounts = new MountTable();
  readonly #plain: PlainConnections;
  readonly #upgrades = new Map<string, UpgradeHandler>();
  readonly #log: Log;
  readonly #requests;
  #guard: OriginGuard;
  #server: Server | undefined;
  #secure: ((identity: TlsIdentity) => void) | undefined;
  #scheme = 'http';
  readonly #drained = new Set<() => void>();
  /** Requests that are not answered yet. */
  #answering = 0;
  #settled: (() => void) | undefined;

  constructor(
    @inject(Authentication) private readonly authentication: Authentication,
    @inject(Authorizer) private readonly authorizer: Authorizer,
    @inject(Instruments) instruments: Instruments,
    @inject(Log) log: Log,
    @inject(RateLimiter) private readonly rateLimiter: RateLimiter,
    @inject(Admission) private readonly admission: Admission,
    @inject(HttpOptions) private readonly options: HttpOptions,
  ) {
    this.#log = log.child('http');
    this.#guard = new OriginGuard(options);
    this.#requests = instruments.counter('orchestrator_http_requests_total', 'HTTP requests by outcome.', [
      'path',
      'status',
    ]);
    const refused = instruments.counter(
      'orchestrator_connections_refused_total',
      'Connections refused because there were too many, or no files.',
    );
    this.room = new ConnectionRoom(options.connections, refused.with(), this.#log);
    this.#plain = new PlainConnections({
      limits: options,
      times: {
        firstMs: Math.min(options.headersTimeoutMs, options.requestTimeoutMs),
        idleMs: options.keepAliveTimeoutMs,
      },
      headers: SECURITY_HEADERS,
      serve: (request, response, socket) => this.#servePlain(request, response, socket),
    });
  }

  get loopback(): boolean {
    return isLoopback(this.options.host);
  }

  mount(mount: HttpMount): () => void {
    return this.#mounts.add(mount);
  }

  onDrain(listener: () => void): () => void {
    this.#drained.add(listener);
    return () => this.#drained.delete(listener);
  }

  /** Tells those who stream that they should end, and resolves once every request is answered, at the latest after the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    for (const end of this.#drained) end();
    if (this.#answering === 0) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, deadlineMs);
      this.#settled = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  /** Hands WebSocket upgrades of a path to `handler`; answers how to take it away again. */
  onUpgrade(path: string, handler: UpgradeHandler): () => void {
    if (this.#upgrades.has(path)) throw new Error(`upgrades of ${path} are taken already`);
    this.#upgrades.set(path, handler);
    return () => this.#upgrades.delete(path);
  }

  /** `http://127.0.0.1:7420`, once it listens. */
  get url(): string {
    const { address, family, port } = this.#server?.address() as AddressInfo;
    return `${this.#scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /**
   * Starts to listen.
   *
   * @throws ListenError when the port cannot be had
   */
  async listen(tls?: TlsIdentity): Promise<void> {
    const { host, port, headerBytes, headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs } = this.options;
    const bounds = {
      maxHeaderSize: headerBytes,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    };
    const server = tls === undefined ? createServer(bounds) : await this.#secureServer(bounds, tls);
    const opened = tls === undefined ? 'connection' : 'secureConnection';
    this.#plain.guard(server, opened);
    this.room.guard(server, opened);
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (error, socket) => refuseBadRequest(error, socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(new ListenError(host, port, cause)));
      server.listen({ host, port, backlog: 511 }, resolve);
    });
    server.removeAllListeners('error');
    // Accepting failed, for example for want of a file descriptor: the listener lives on and tries again.
    server.on('error', (error) => this.room.alarm(`one could not be accepted: ${error.message}`));
    this.#server = server;
  }

  /** Applies what can change while running. */
  reconfigure(names: AllowedNames, tls?: TlsIdentity): void {
    if (tls !== undefined) this.#secure?.(tls);
    this.#guard = new OriginGuard({ ...names, host: this.options.host });
  }

  /** No new connections; idle ones are closed, and those that answer close after their answer. */
  stopListening(): void {
    this.#server?.close();
    this.#server?.closeIdleConnections();
    this.#plain.closeIdle();
  }

  /** Ends everything that is still open. */
  close(): void {
    this.stopListening();
    this.#server?.closeAllConnections();
    this.#plain.closeAll();
  }

  async #secureServer(bounds: object, tls: TlsIdentity): Promise<Server> {
    const { createServer: createSecureServer } = await import('node:https');
    const server = createSecureServer({ ...bounds, ...tls, minVersion: 'TLSv1.2' });
    this.#scheme = 'https';
    this.#secure = (identity) => server.setSecureContext({ ...identity, minVersion: 'TLSv1.2' });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (this.#server?.listening !== true) response.setHeader('connection', 'close');
    const path = pathOf(request);
    const { bodyBytes } = this.options;
    void this.#answer({ request, response, path, mount: this.#mounts.find(path) }, async (mount, caller) => {
      if ('answer' in mount) {
        await mount.answer({ request, response, caller, body: () => readBody(request, bodyBytes) });
        return;
      }
      const url = `${this.#scheme}://${request.headers.host ?? ''}${request.url ?? '/'}`;
      const answer = await mount.handle(await webRequest(request, url, bodyBytes), caller);
      await sendWebResponse(answer, response, request.method !== 'HEAD');
    });
  }

  /** Only what is answered as it is on the wire: all else is node's to read. */
  #servePlain({ url, headers, body }: PlainRequest, response: PlainResponse, socket: Socket): boolean {
    const request = { method: 'POST', url, headers, socket };
    const path = pathOf(request);
    const mount = this.#mounts.find(path);
    if (mount === undefined || !('answer' in mount)) return false;
    void this.#answer({ request, response, path, mount }, (_found, caller) =>
      mount.answer({ request, response, caller, body: () => Promise.resolve(body) }),
    );
    return true;
  }

  async #answer(
    { request, response, path, mount }: Asked,
    give: (mount: HttpMount, caller: Principal | undefined) => void | Promise<void>,
  ): Promise<void> {
    this.#answering++;
    try {
      const found = this.#welcome(request, path, mount);
      const asked = found.permission === 'public' ? undefined : this.#whose(request, path);
      const caller = this.#permitted(found, asked instanceof Promise ? await asked : asked);
      const given = give(found, caller);
      if (given !== undefined) await given;
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        // The client went away, or the body failed half-way: only closing tells the client that it is not whole.
        this.#log.debug({ err: error, path }, 'an HTTP answer was not finished');
        response.destroy();
      } else {
        const failure = failureOf(error, (refusal) => challenge(request, mount, refusal, path));
        if (failure.status >= 500 && !(error instanceof OrchestratorError)) {
          this.#log.error({ err: error, path, incident: failure.incident }, 'an HTTP request failed');
        }
        this.#refuse(response, failure);
      }
    } finally {
      this.#answering--;
      if (this.#answering === 0) this.#settled?.();
    }
    this.#requests.with(mount?.path ?? 'none', String(response.statusCode)).add();
  }

  #refuse(response: HttpResponse, failure: HttpFailure): void {
    try {
      sendFailure(response, failure);
    } catch (error) {
      // A challenge of a plugin can have characters that no header field has.
      this.#log.error({ err: error }, 'a refusal cannot be sent');
      response.destroy();
    }
  }

  /** Host, Origin, existence, method, room; in this order. */
  #welcome(request: HttpRequest, path: string, mount: HttpMount | undefined): HttpMount {
    this.#refuseForeign(request);
    if (mount === undefined) throw new OrchestratorError('not_found', 'nothing is served at this path');
    const asked = request.method === 'HEAD' && !mount.methods.includes('HEAD') ? 'GET' : request.method;
    if (!mount.methods.some((method) => method === asked)) throw new MethodNotAllowed(mount.methods);
    if (mount.permission !== 'public') this.#refuseWhenFull(request);
    return mount;
  }

  /** Who, how often, whether allowed; in this order. */
  #permitted(mount: HttpMount, caller: Principal | undefined): Principal | undefined {
    if (mount.permission === 'public') return undefined;
    if (caller === undefined) throw new OrchestratorError('unauthenticated');
    // One allowance for all that a principal asks for, by whichever way.
    const retryAfterMs = this.rateLimiter.take(caller);
    if (retryAfterMs > 0) throw new OrchestratorError('rate_limited', undefined, { retryAfterMs });
    if (!this.authorizer.authorize(caller, mount.permission).allowed) {
      throw new OrchestratorError('permission_denied', `${mount.path} needs ${mount.permission}`, {
        permission: mount.permission,
      });
    }
    return caller;
  }

  #refuseForeign({ headers }: HttpRequest): void {
    const refusal = this.#guard.refusal(this.#scheme, headers.host, headers.origin);
    if (refusal !== undefined) throw new OrchestratorError('permission_denied', refusal);
  }

  #refuseWhenFull(request: HttpRequest): void {
    if (this.room.refuses(request.socket)) {
      throw new OrchestratorError('unavailable', 'there are too many connections', { retryAfterMs: RETRY_FULL_MS });
    }
    const refusal = this.admission.refusal();
    if (refusal !== undefined) throw refusal;
  }

  #whose(request: HttpRequest, path: string): Promise<Principal | undefined> | Principal | undefined {
    const bearer = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) return undefined;
    return this.authentication.authenticate(bearer, request.socket.remoteAddress ?? 'unknown', path);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until a handler listens to it, an error of the socket would end the process.
    socket.on('error', () => socket.destroy());
    try {
      this.#refuseForeign(request);
      this.#refuseWhenFull(request);
      const handler = this.#upgrades.get(pathOf(request));
      if (handler === undefined) throw new OrchestratorError('not_found', 'no WebSocket is served at this path');
      handler(request, socket, head);
    } catch (error) {
      const failure = failureOf(error);
      if (!(error instanceof OrchestratorError)) this.#log.error({ err: error }, 'an upgrade failed');
      socket.end(rawAnswer(failure));
    }
  }
}

function pathOf({ url = '/' }: HttpRequest): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** What those are told whom a path is refused; a token that came and was refused is not to be tried again [RFC 6750 §3.1]. */
function challenge(
  { headers }: HttpRequest,
  mount: HttpMount | undefined,
  refusal: 'unauthenticated' | 'permission_denied',
  path: string,
): string | undefined {
  const hadToken = refusal === 'unauthenticated' && /^Bearer +\S/i.test(headers.authorization ?? '');
  if (hadToken) return mount?.challenge?.('invalid_token', path) ?? INVALID_TOKEN;
  return mount?.challenge?.(refusal, path);
}

/** The path is there, the method is not. */
export class MethodNotAllowed extends Error {
  constructor(readonly methods: readonly string[]) {
    super(`this resource takes ${methods.join(', ')}`);
  }
}

function rawAnswer({ status, body, headers }: HttpFailure): string {
  const lines = Object.entries({ ...headers, 'content-type': 'application/json', connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function refuseBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
