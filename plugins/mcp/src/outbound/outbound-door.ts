import { lookup } from 'node:dns/promises';
import type { OnReadOpts, Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { ConnectionPool, type PoolSurroundings } from '../http-client/connection-pool.js';
import { sharedReads } from '../http-client/shared-reads.js';
import { AllowedHosts, destinationOf, type Destination } from './allowed-hosts.js';
import type { OutboundSettings } from './outbound-settings.js';
import { isLoopbackAddress } from './public-address.js';

/** Addresses of one name that are tried. */
const ADDRESSES_TRIED = 4;

/** A small request whose answer is read whole. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, read whole. */
export interface OutboundAnswer {
  readonly status: number;
  /** By lower-case name; the first where there are several. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Where it came from, after redirects. */
  readonly url: URL;
}

type Resolve = (hostname: string) => Promise<readonly string[]>;

/**
 * The one way out over HTTP for what one server leads to. Each connection is checked when it is made, on the very addresses that it is
 * then made to: private ones are refused unless listed, and without TLS only loopback is reached. A pooled connection costs no check.
 */
export class OutboundDoor {
  /** Made when first needed: the requests to a server itself go over pools. */
  #agent: Agent | undefined;
  #closed = false;
  /** Makes the connections of pools, which read into one buffer; it keeps sessions of TLS for all of them. */
  readonly #pooled: buildConnector.connector;
  readonly #pools: ConnectionPool[] = [];
  readonly #hosts: AllowedHosts;
  readonly #own: Destination | undefined;
  readonly #resolve: Resolve;

  /**
   * @param listed the server's own URL: it is in an administrator's configuration, so its origin may have any address
   * @param resolve addresses of a host name; the system's resolver unless said
   * @throws Error naming the entry of `allowedHosts` that is none
   */
  constructor(
    private readonly settings: Required<OutboundSettings>,
    listed?: URL,
    resolve: Resolve = systemResolver,
  ) {
    this.#hosts = new AllowedHosts(settings.allowedHosts);
    this.#own = listed === undefined ? undefined : destinationOf(listed);
    this.#resolve = resolve;
    // The options go to net.connect or tls.connect, which know this one.
    const options: buildConnector.BuildOptions & { onread: OnReadOpts } = {
      timeout: settings.connectMs,
      onread: sharedReads(),
    };
    this.#pooled = buildConnector(options);
  }

  /**
   * Connections to one origin for requests that stream; they follow no redirect and bring their own time limits. Closed with the door.
   */
  pool({ protocol, hostname, host, port }: URL, around: PoolSurroundings): ConnectionPool {
    const { connectionsPerOrigin: connections, waitingPerOrigin: waiting, idleMs, headBytes } = this.settings;
    const limits = { connections, waiting, idleMs, headBytes };
    const open = () => this.#connect({ protocol, hostname, host, port }, this.#pooled);
    const pool = new ConnectionPool(host, open, limits, around);
    this.#pools.push(pool);
    return pool;
  }

  /**
   * Asks, and reads the answer whole. A GET follows redirects, each checked like the first, never from TLS to none.
   *
   * @throws OrchestratorError `permission_denied` (where it leads is not allowed; says what to list), `limit_exceeded` (too large, too
   *   many redirects), `unavailable` (not reached, or not in time)
   */
  async exchange(request: OutboundRequest): Promise<OutboundAnswer> {
    const signal = AbortSignal.timeout(this.settings.answerMs);
    let url = request.url;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#once({ ...request, url }, signal);
      const { location } = answer.headers;
      if (request.method !== 'GET' || location === undefined || answer.status < 300 || answer.status > 399)
        return answer;
      if (redirects >= this.settings.redirects) {
        throw new OrchestratorError(
          'limit_exceeded',
          `${request.url.href} redirects more than ${this.settings.redirects} times`,
          {
            limit: { name: 'outbound.redirects', value: this.settings.redirects },
          },
        );
      }
      const next: URL | undefined = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (next === undefined || (url.protocol === 'https:' && next.protocol !== 'https:')) {
        throw new OrchestratorError(
          'permission_denied',
          `${url.href} redirects to where TLS ends; that is not followed`,
        );
      }
      url = next;
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const pool of this.#pools) pool.close();
    await this.#agent?.destroy();
  }

  #openAgent(): Agent {
    if (this.#closed) throw new Error('the way out to it is closed');
    return (this.#agent ??= this.#newAgent());
  }

  #newAgent(): Agent {
    const connector = buildConnector({ timeout: this.settings.connectMs });
    return new Agent({
      connections: this.settings.connectionsPerOrigin,
      maxOrigins: this.settings.origins,
      connect: (options, callback) => {
        this.#connect(options, connector).then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
    });
  }

  async #once({ method, url, headers, body }: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
    try {
      destinationOf(url);
      const response = await this.#openAgent().request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'accept-encoding': 'identity', accept: 'application/json', ...headers },
        ...(body === undefined ? {} : { body }),
        signal,
      });
      const entries = Object.entries(response.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value[0] : value,
      ]);
      const text = await this.#read(url, response.body);
      return { status: response.statusCode, headers: Object.fromEntries(entries) as Record<string, string>, text, url };
    } catch (error) {
      if (error instanceof OrchestratorError) throw error;
      throw new OrchestratorError(
        'unavailable',
        `${url.origin} did not answer: ${reasonOf(error)}`,
        {},
        { cause: error },
      );
    }
  }

  async #read(url: URL, body: AsyncIterable<Buffer>): Promise<string> {
    const { answerBytes } = this.settings;
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Leaving the loop destroys the body, and with it the connection.
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > answerBytes) {
        throw new OrchestratorError('limit_exceeded', `${url.href} answers more than ${answerBytes} bytes`, {
          limit: { name: 'outbound.answerBytes', value: answerBytes },
        });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes).toString('utf8');
  }

  async #connect(options: buildConnector.Options, connector: buildConnector.connector): Promise<Socket> {
    const destination = destinationOf(new URL(`${options.protocol}//${authority(options)}`));
    const addresses = await this.#checkedAddresses(destination);
    // `host`, the name of the URL, stays what Host and the certificate go by; the address is one of those that were checked.
    let failure: unknown;
    for (const hostname of addresses.slice(0, ADDRESSES_TRIED)) {
      try {
        return await new Promise<Socket>((resolve, reject) => {
          connector({ ...options, hostname }, (error, socket) => {
            if (error !== null) reject(error);
            else resolve(socket);
          });
        });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #checkedAddresses(destination: Destination): Promise<readonly string[]> {
    const { protocol, hostname, port } = destination;
    const literal = ipaddr.isValid(hostname);
    const addresses = literal ? [hostname] : await this.#resolve(hostname);
    if (addresses.length === 0) throw new Error(`${hostname} has no address`);
    const where = `${protocol}//${hostname}:${port}`;
    const own = this.#own;
    const listed =
      (own?.protocol === protocol && own.hostname === hostname && own.port === port) || this.#hosts.lists(destination);
    const refused = listed ? undefined : addresses.find((address) => !this.#hosts.allowsAddress(address));
    if (refused !== undefined) {
      throw new OrchestratorError(
        'permission_denied',
        `${where} has a private address (${refused}); if that is meant, add ${hostname}:${port} to plugins.mcp.config.outbound.allowedHosts`,
      );
    }
    if (protocol === 'http:' && !this.#hosts.listsOrigin(destination) && !addresses.every(isLoopbackAddress)) {
      throw new OrchestratorError(
        'permission_denied',
        `${where} is not on this machine and has no TLS; use https, or add ${where} to plugins.mcp.config.outbound.allowedHosts`,
      );
    }
    return addresses;
  }
}

function authority({ hostname, port }: buildConnector.Options): string {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return port === '' ? host : `${host}:${port}`;
}

async function systemResolver(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? `${error.message} (${error.code})` : error.message;
}
