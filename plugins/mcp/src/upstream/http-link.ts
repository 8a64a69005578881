import type { Clock, ProgramLine, Random, Timer, Timers } from '@ai-orchestrator/core/plugin';
import type { ConnectionPool } from '../http-client/connection-pool.js';
import type { UpstreamAuthorization } from '../oauth/upstream-authorization.js';
import { OutboundDoor } from '../outbound/outbound-door.js';
import type { OutboundSettings } from '../outbound/outbound-settings.js';
import { HttpWire, type HttpSurroundings } from './http-wire.js';
import type { Link, LinkOwner } from './link.js';

/** How often, and after what wait, a server that failed is tried again; it is never given up. */
export interface RetryRule {
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** What a URL needs of the daemon. */
export interface HttpLinkSurroundings extends HttpSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly outbound: Required<OutboundSettings>;
}

/** Where a server's requests go, and what lets them in. */
export interface HttpDoor {
  readonly path: string;
  /** For requests; bounded. */
  readonly requests: ConnectionPool;
  /** For streams that stay open, which must not take the place of requests. */
  readonly streams: ConnectionPool;
  readonly authorization: UpstreamAuthorization;
}

/** A session that ends sooner after the last is a failure. */
const SHORTEST_SESSION_MS = 1_000;

/** A server at a URL. */
export class HttpLink implements Link {
  readonly kind = 'http';
  restarts = 0;
  readonly #door: HttpDoor;
  readonly #outbound: OutboundDoor;
  readonly #unwatch: () => void;
  #owner: LinkOwner | undefined;
  #failures = 0;
  #backoff: Timer | undefined;
  #upAt = 0;

  constructor(
    url: URL,
    authorization: UpstreamAuthorization,
    private readonly rule: RetryRule,
    private readonly around: HttpLinkSurroundings,
  ) {
    this.#outbound = new OutboundDoor(around.outbound, url);
    this.#door = {
      path: `${url.pathname}${url.search}`,
      requests: this.#outbound.pool(url, around),
      streams: this.#outbound.pool(url, around),
      authorization,
    };
    // A server that waits for it need not wait longer; what was opened with one that is withdrawn ends.
    this.#unwatch = authorization.onChanged((change) => {
      if (change === 'withdrawn' || this.#backoff !== undefined) void this.restart();
    });
  }

  start(owner: LinkOwner): Promise<void> {
    this.#owner = owner;
    this.#up();
    return Promise.resolve();
  }

  fail(why: string, renew: boolean): void {
    if (this.#owner === undefined || this.#backoff !== undefined) return;
    this.restarts += 1;
    const lasted = this.around.clock.monotonicMs() - this.#upAt;
    if (renew && lasted >= SHORTEST_SESSION_MS) {
      this.#up();
      return;
    }
    const { backoffMs, maxBackoffMs } = this.rule;
    // What held for longer than the longest wait has begun anew.
    this.#failures = lasted > maxBackoffMs ? 0 : this.#failures + 1;
    const longest = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.#failures, 20));
    void this.#owner.down('backoff', why);
    this.#backoff = this.around.timers.after(longest * (0.5 + this.around.random.fraction() / 2), () => {
      this.#backoff = undefined;
      this.#up();
    });
  }

  restart(): Promise<void> {
    this.#backoff?.cancel();
    this.#backoff = undefined;
    this.#failures = 0;
    void this.#owner?.down('connecting', undefined);
    this.#up();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#backoff?.cancel();
    const owner = this.#owner;
    this.#owner = undefined;
    try {
      await owner?.down('stopped', undefined);
    } finally {
      this.#unwatch();
      await this.#outbound.close();
    }
  }

  logs(): readonly ProgramLine[] {
    return [];
  }

  #up(): void {
    this.#upAt = this.around.clock.monotonicMs();
    this.#owner?.up((receiver) => new HttpWire(this.#door, receiver, this.around));
  }
}
