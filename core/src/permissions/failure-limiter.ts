import { isIPv6 } from 'node:net';
import type { Clock } from '../host/time.js';

/** When an address that sends wrong credentials is no longer listened to. */
export interface FailureLimits {
  /** Failures at once before the first ban. */
  readonly failures: number;
  /** One failure is forgiven in this time. */
  readonly forgiveMs: number;
  /** The first ban; each further one is twice as long. */
  readonly banMs: number;
  readonly maxBanMs: number;
  /** Addresses remembered; past it the one that failed least recently is forgotten. */
  readonly maxAddresses: number;
}

interface Failures {
  count: number;
  countedAt: number;
  bannedUntil: number;
  bans: number;
}

/** Counts failures per remote address and bans with a growing backoff. An IPv6 network (/64) counts as one address. */
export class FailureLimiter {
  /** Least recently failed first. */
  readonly #byAddress = new Map<string, Failures>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: FailureLimits,
  ) {}

  /** Addresses remembered now. */
  get size(): number {
    return this.#byAddress.size;
  }

  /** Milliseconds until the address is listened to again; 0 when it is now. */
  bannedForMs(remoteAddress: string): number {
    const failures = this.#byAddress.get(network(remoteAddress));
    if (failures === undefined) return 0;
    return Math.max(0, Math.ceil(failures.bannedUntil - this.clock.monotonicMs()));
  }

  /** Counts a failure; answers the length of the ban that it brought, or 0. Not to be called while banned. */
  failed(remoteAddress: string): number {
    const now = this.clock.monotonicMs();
    const address = network(remoteAddress);
    const failures = this.#byAddress.get(address) ?? { count: 0, countedAt: now, bannedUntil: 0, bans: 0 };
    this.#byAddress.delete(address);
    this.#byAddress.set(address, failures);
    this.#forgetOldest();
    failures.count = Math.max(0, failures.count - (now - failures.countedAt) / this.limits.forgiveMs) + 1;
    failures.countedAt = now;
    // Good behaviour for as long as the longest ban ends the backoff.
    if (now - failures.bannedUntil > this.limits.maxBanMs) failures.bans = 0;
    if (failures.count <= this.limits.failures) return 0;
    const banMs = Math.min(this.limits.maxBanMs, this.limits.banMs * 2 ** Math.min(failures.bans, 30));
    failures.bans++;
    failures.bannedUntil = now + banMs;
    return banMs;
  }

  #forgetOldest(): void {
    if (this.#byAddress.size <= this.limits.maxAddresses) return;
    for (const oldest of this.#byAddress.keys()) {
      this.#byAddress.delete(oldest);
      return;
    }
  }
}

/** What counts as one address: IPv4 as it is, also mapped into IPv6; of IPv6 the first 64 bits, which is what one customer gets. */
export function network(remoteAddress: string): string {
  const address = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
  if (!address.includes(':') || !isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + rest.length < 8) groups.push('0');
  return `${[...groups, ...rest].slice(0, 4).join(':')}::/64`;
}
