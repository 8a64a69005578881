import type { ResultOf, sessionMethods } from '@ai-orchestrator/protocol';
import type { DaemonIdentity } from '../host/daemon-identity.js';
import type { Principal } from '../permissions/principal.js';
import type { Session } from './session.js';

/** A session as its client sees it. */
export type SessionView = ResultOf<typeof sessionMethods.sessionGet>;

/** What `session.get` and `session.authenticate` answer. */
export function sessionView(session: Session, principal: Principal, identity: DaemonIdentity): SessionView {
  return {
    sessionId: session.id,
    principal: principalView(principal),
    daemonVersion: identity.version,
    node: identity.node,
    limits: { ...session.limits },
  };
}

/** A principal as others may see it. */
export function principalView(principal: Principal): SessionView['principal'] {
  return { id: principal.id, kind: principal.kind, roles: [...principal.roles] };
}
