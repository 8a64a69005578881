/** What a browser, or a name that was pointed at us, may say it is. */
export interface AllowedNames {
  /** Address that the daemon listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses what names another host than ours, or comes from a page of another's, before anything else looks at it. A Host that is not ours is
 * how DNS rebinding shows; an Origin that is not ours is a page that calls from a person's browser. Loopback is no exception.
 */
export class OriginGuard {
  /** Lower case, without a port. */
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** The Host that was ours the last time: nearly every request says the same. */
  #known: string | undefined;

  constructor({ host, allowedHosts, allowedOrigins }: AllowedNames) {
    const own = [host.includes(':') ? `[${host}]` : host, ...LOOPBACK_NAMES, ...allowedHosts];
    this.#hosts = new Set(own.map((name) => name.toLowerCase()));
    this.#origins = new Set(allowedOrigins);
  }

  /**
   * Why a request is refused, or `undefined`.
   *
   * @param scheme `http` or `https`, of the connection
   */
  refusal(scheme: string, host: string | undefined, origin: string | undefined): string | undefined {
    if (host === undefined) return 'a request needs a Host header';
    if (host !== this.#known) {
      if (!this.#hosts.has(host.replace(/:\d{1,5}$/, '').toLowerCase())) {
        return 'the Host header names another host; add it to http.allowedHosts if it is this daemon';
      }
      this.#known = host;
    }
    if (origin === undefined || this.#origins.has(origin)) return undefined;
    if (origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`) return undefined;
    return 'pages of this Origin may not call; add it to http.allowedOrigins if they should';
  }
}
