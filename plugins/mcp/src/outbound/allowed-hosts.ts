import ipaddr from 'ipaddr.js';
import { isPublic } from './public-address.js';

/** Where a connection is to go. */
export interface Destination {
  readonly protocol: 'http:' | 'https:';
  /** Lower case, without brackets. */
  readonly hostname: string;
  readonly port: number;
}

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Hosts that may be reached although their addresses are private: `name`, `name:port`, `*.name`, an address, a network (`10.0.0.0/8`),
 * or an origin (`http://name:port`), which alone may be reached without TLS.
 */
export class AllowedHosts {
  readonly #names = new Set<string>();
  readonly #suffixes: string[] = [];
  readonly #origins = new Set<string>();
  readonly #networks: Network[] = [];

  /** @throws Error naming the first entry that is none */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.toLowerCase());
  }

  /** Whether a destination is listed by its name. */
  lists({ protocol, hostname, port }: Destination): boolean {
    return (
      this.listsOrigin({ protocol, hostname, port }) ||
      this.#names.has(hostname) ||
      this.#names.has(`${hostname}:${port}`) ||
      this.#suffixes.some((suffix) => hostname.endsWith(suffix))
    );
  }

  /** Whether exactly this origin is listed, its protocol included. */
  listsOrigin({ protocol, hostname, port }: Destination): boolean {
    return this.#origins.has(`${protocol}//${hostname}:${port}`);
  }

  /** Whether anybody may be led to this address: it is public, or in a listed network. */
  allowsAddress(address: string): boolean {
    if (isPublic(address)) return true;
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.#networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
  }

  #add(entry: string): void {
    if (/^https?:\/\//.test(entry)) {
      const { protocol, hostname, port } = destinationOf(new URL(entry));
      this.#origins.add(`${protocol}//${hostname}:${port}`);
    } else if (ipaddr.isValidCIDR(entry)) {
      this.#networks.push(ipaddr.parseCIDR(entry));
    } else if (ipaddr.isValid(entry)) {
      const address = ipaddr.process(entry);
      this.#networks.push([address, address.kind() === 'ipv4' ? 32 : 128]);
    } else if (/^\*(?:\.[a-z0-9_-]+)+$/.test(entry)) {
      this.#suffixes.push(entry.slice(1));
    } else if (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::\d{1,5})?$/.test(entry)) {
      this.#names.add(entry);
    } else {
      throw new Error(
        `"${entry}" is no host to allow: expected name, name:port, *.name, an address, a network, or http(s)://name:port`,
      );
    }
  }
}

/** Where a URL leads to; `http:` and `https:` only. */
export function destinationOf(url: URL): Destination {
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`${protocol} is not spoken; expected https:`);
  const port = url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { protocol, hostname: url.hostname.replace(/^\[|\]$/g, '').toLowerCase(), port };
}
