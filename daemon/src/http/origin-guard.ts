/** What a browser, or a name that was pointed at us, may say it is. */
export interface AllowedNames {
  /** Address that the daemon listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Why a request is refused before anything else looks at it, or `undefined`. A Host that is not ours is how DNS rebinding shows; an
 * Origin that is not ours is a page that calls from a person's browser. Loopback is no exception.
 *
 * @param scheme `http` or `https`, of the connection
 */
export function refusedBy(
  names: AllowedNames,
  scheme: string,
  host: string | undefined,
  origin: string | undefined,
): string | undefined {
  if (host === undefined) return 'a request needs a Host header';
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const own = [names.host.includes(':') ? `[${names.host}]` : names.host, ...LOOPBACK_NAMES, ...names.allowedHosts];
  if (!own.some((known) => known.toLowerCase() === name)) {
    return 'the Host header names another host; add it to http.allowedHosts if it is this daemon';
  }
  if (origin === undefined) return undefined;
  const same = origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`;
  if (same || names.allowedOrigins.includes(origin)) return undefined;
  return 'pages of this Origin may not call; add it to http.allowedOrigins if they should';
}
