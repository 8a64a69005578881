import type { Clock } from '@ai-orchestrator/core/plugin';
import type { UpstreamLog, Upstreams } from '../upstream/upstream.js';
import type { Catalogue } from './catalogue.js';
import { isLoud } from './operation.js';
import type { Session } from './session.js';

const SECOND_MS = 1_000;

interface Allowance {
  since: number;
  said: number;
}

/**
 * Log messages of servers that belong to no request: told to the sessions that asked for logs of such a level by `logging/setLevel`, listen,
 * and may use the server; those of a caller's own instance to that caller alone [MCP 2025-11-25, server/utilities/logging]. The modern era
 * has logs of requests only.
 */
export class ServerLogs {
  /** Sessions that asked, few of all, and what each was told in the present second. */
  readonly #sessions = new Map<Session, Allowance>();
  readonly #stop: () => void;

  /** @param perSecond told to one session; what comes beyond that is dropped */
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
    this.#sessions.set(session, { since: 0, said: 0 });
    session.onClosed(() => void this.#sessions.delete(session));
  }

  close(): void {
    this.#stop();
  }

  #tell({ server, caller, params }: UpstreamLog): void {
    const upstream = this.upstreams.get(server);
    if (upstream === undefined) return;
    for (const [session, allowance] of this.#sessions) {
      const { view, listens, logLevel } = session;
      if (caller !== undefined && caller !== view.principal.id) continue;
      if (!listens || !isLoud(params.level, logLevel) || !this.catalogue.offers(view, upstream)) continue;
      if (this.#allows(allowance)) session.notify('notifications/message', params);
    }
  }

  #allows(allowance: Allowance): boolean {
    const now = this.clock.monotonicMs();
    if (now - allowance.since >= SECOND_MS) {
      allowance.since = now;
      allowance.said = 0;
    }
    allowance.said += 1;
    return allowance.said <= this.perSecond;
  }
}
