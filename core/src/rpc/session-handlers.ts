import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { daemonMethods, sessionMethods } from '@ai-orchestrator/protocol';
import type { DaemonIdentity } from '../host/daemon-identity.js';
import type { Handler } from '../plugin/plugin.js';
import type { Call } from './call.js';
import type { Session, Sessions } from './session.js';
import { principalView, sessionView } from './session-view.js';

const DEFAULT_LIMIT = 100;

/** Answers the methods about connections that any session may ask; login and cancellation are the session's own. */
export function sessionHandlers(
  sessions: Sessions,
  identity: DaemonIdentity,
): {
  readonly sessionGet: Handler<typeof sessionMethods.sessionGet>;
  readonly sessionList: Handler<typeof sessionMethods.sessionList>;
  readonly subscriptionCancel: Handler<typeof sessionMethods.subscriptionCancel>;
  readonly daemonPing: Handler<typeof daemonMethods.daemonPing>;
} {
  return {
    sessionGet: (_params, call) => sessionView(connectionOf(call), call.principal, identity),
    sessionList({ limit = DEFAULT_LIMIT }) {
      const entries = [];
      for (const session of sessions.all()) {
        if (session.principal === undefined) continue;
        if (entries.length === limit) break;
        entries.push({
          sessionId: session.id,
          principal: principalView(session.principal),
          remoteAddress: session.remoteAddress,
          connectedAt: new Date(session.connectedAt).toISOString(),
          bufferedBytes: session.bufferedBytes,
          subscriptions: session.subscriptions,
          pendingCalls: session.pendingCalls,
        });
      }
      return { entries, total: sessions.size };
    },
    subscriptionCancel({ subscriptionId }, call) {
      if (connectionOf(call).unsubscribe(subscriptionId)) return { done: true };
      throw new OrchestratorError('not_found', 'this connection has no such subscription', {
        resource: `subscription/${subscriptionId}`,
      });
    },
    daemonPing: ({ echo }) => (echo === undefined ? { pong: true } : { pong: true, echo }),
  };
}

/** @throws OrchestratorError `invalid_request` when the call came by none */
export function connectionOf(call: Call): Session {
  if (call.session !== undefined) return call.session;
  throw new OrchestratorError('invalid_request', `${call.method} needs a connection; call it over WebSocket`);
}
