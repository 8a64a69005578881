import { OrchestratorError, sessionMethods } from '@ai-orchestrator/protocol';
import type { DaemonIdentity } from '../host/daemon-identity.js';
import type { Handler } from '../plugin/plugin.js';
import type { Authentication } from '../permissions/authentication.js';
import type { Call } from './call.js';
import type { JsonRpcSession } from './json-rpc-session.js';
import type { MethodRegistry } from './methods.js';
import type { SessionRegistry } from './session-registry.js';
import { sessionView } from './session-view.js';

const OWNER = 'core';

/** Adds the methods that work on the connection itself: login, and canceling a request of it. */
export function addConnectionMethods(
  methods: MethodRegistry,
  sessions: SessionRegistry,
  authentication: Authentication,
  identity: DaemonIdentity,
): void {
  const own = (call: Call): JsonRpcSession => {
    const session = call.session === undefined ? undefined : sessions.find(call.session.id);
    if (session === undefined) throw new OrchestratorError('not_found', 'this call came by no connection');
    return session;
  };
  const authenticate: Handler<typeof sessionMethods.sessionAuthenticate> = async ({ token }, call) => {
    const session = own(call);
    const principal = await authentication.authenticate(token, session.remoteAddress);
    if (principal === undefined) throw new OrchestratorError('unauthenticated', 'this key is not valid');
    session.authenticate(principal);
    return sessionView(session, principal, identity);
  };
  const cancel: Handler<typeof sessionMethods.requestCancel> = ({ id, reason }, call) => {
    own(call).cancelRequest(id, reason ?? 'canceled by the caller');
    return null;
  };
  methods.add(sessionMethods.sessionAuthenticate, authenticate, OWNER);
  methods.add(sessionMethods.requestCancel, cancel, OWNER);
}
