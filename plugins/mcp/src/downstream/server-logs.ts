import type { Clock } from '@ai-orchestrator/core/plugin';
import type { UpstreamLog, Upstreams } from '../upstream/upstream.js';
import type { Catalogue } from './catalogue.js';
import { isLoud } from './operation.js';
import { notification, type Session } from './session.js';

const SECOND_MS = 1_000;

interface Allowance {
  since: number;
  /** Messages by server that were looked at. */
  looked: Map<string, number>;
}

/**
 * Log messages of servers that belong to no request: told to the sessions that asked for logs of such a level by `logging/setLevel`, listen,
 * and may use the server; those that are a caller's alone to that caller [MCP 2025-11-25, server/utilities/logging]. The modern era
 * has logs of requests only.
 */
export class ServerLogs {
  /** Sessions that asked, few of all, and what was looked at for each in the present second. */
  readonly #sessions = new Map<Session, Allowance>();
  readonly #stop: () => void;

  /** @param perSecond of one server, looked at for one session; what comes beyond that is dropped unread */
  constructor(
    private readonly catalogue: Catalogue,
    private readonly upstreams: Upstreams,
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {
    this.#stop = upstreams.onLogged((log) => this.#tell(log));
  }

  /** From now on it is told, by its level. */
  tell(session: Session): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.set(session, { since: 0, looked: new Map() });
    session.onClosed(() => void this.#sessions.delete(session));
  }

  close(): void {
    this.#stop();
  }

  #tell({ server, caller, params }: UpstreamLog): void {
    const upstream = this.upstreams.get(server);
    if (upstream === undefined) return;
    const text = notification('notifications/message', params);
    for (const [session, allowance] of this.#sessions) {
      const { view, hears, logLevel } = session;
      if (caller !== undefined && caller !== view.principal.id) continue;
      if (!hears || !isLoud(params.level, logLevel)) continue;
      // Looking at rights is what costs: a server that chatters is not looked at more often than it may be told of.
      if (this.#allows(allowance, server) && this.catalogue.offers(view, upstream)) session.mention(text);
    }
  }

  #allows(allowance: Allowance, server: string): boolean {
    const now = this.clock.monotonicMs();
    if (now - allowance.since >= SECOND_MS) {
      allowance.since = now;
      allowance.looked = new Map();
    }
    const looked = (allowance.looked.get(server) ?? 0) + 1;
    allowance.looked.set(server, looked);
    return looked <= this.perSecond;
  }
}
