import { Type } from '../type.js';
import { method } from '../method.js';
import { Cursor, Done, Exactly, Json, Time, Uuid } from '../schemas.js';

/** Who a credential stands for, as its owner may see it. */
export const PrincipalView = Exactly({
  id: Type.String({ description: 'Principal id.' }),
  kind: Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('service'), Type.Literal('peer')]),
  roles: Type.Array(Type.String()),
});

/** What a session may send and how it is watched; all from the configuration. */
export const SessionLimits = Exactly({
  messageBytes: Type.Integer(),
  batchCalls: Type.Integer(),
  pendingCalls: Type.Integer(),
  pingIntervalMs: Type.Integer(),
});

/** A session as its client sees it. */
export const SessionView = Exactly({
  sessionId: Uuid,
  principal: PrincipalView,
  daemonVersion: Type.String(),
  node: Type.String(),
  limits: SessionLimits,
});

export const sessionAuthenticate = method({
  name: 'session.authenticate',
  summary: 'Log this connection in; for clients that can set no header at the upgrade.',
  permission: 'public',
  params: Exactly({ token: Type.String({ minLength: 1, maxLength: 4096, description: 'An API key.' }) }),
  result: SessionView,
  errors: ['unauthenticated', 'rate_limited'],
});

export const sessionGet = method({
  name: 'session.get',
  summary: 'Who this connection is logged in as, and its limits.',
  permission: 'session:read',
  params: Exactly({}),
  result: SessionView,
});

export const sessionList = method({
  name: 'session.list',
  summary: 'The open connections of this daemon.',
  permission: 'daemon:read',
  params: Exactly({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }),
  result: Exactly({
    entries: Type.Array(
      Exactly({
        sessionId: Uuid,
        principal: PrincipalView,
        remoteAddress: Type.String(),
        connectedAt: Time,
        bufferedBytes: Type.Integer(),
        subscriptions: Type.Integer(),
        pendingCalls: Type.Integer(),
      }),
    ),
    total: Type.Integer(),
  }),
});

/** Sent by either side: stop working on the request with this id, whose sender no longer waits. */
export const requestCancel = method({
  name: 'request.cancel',
  summary: 'Cancel a request of this connection that is not answered yet.',
  permission: 'session:read',
  notification: true,
  params: Exactly({
    id: Type.Union([Type.String(), Type.Number()]),
    reason: Type.Optional(Type.String({ maxLength: 256 })),
  }),
  result: Type.Null(),
});

export const subscriptionCancel = method({
  name: 'subscription.cancel',
  summary: 'End a subscription of this connection.',
  permission: 'session:read',
  params: Exactly({ subscriptionId: Uuid }),
  result: Done,
  errors: ['not_found'],
});

/** To the client: entries of a subscription, oldest first; each once. */
export const subscriptionEvents = method({
  name: 'subscription.events',
  summary: 'Entries of a subscription.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  params: Exactly({
    subscriptionId: Uuid,
    entries: Type.Array(Json),
    cursor: Type.String({ description: 'Resume after the last of these entries with it.' }),
  }),
  result: Type.Null(),
});

/** To the client: nothing more will come for this subscription. */
export const subscriptionClosed = method({
  name: 'subscription.closed',
  summary: 'A subscription ended.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  params: Exactly({
    subscriptionId: Uuid,
    reason: Type.Union([
      Type.Literal('slow_consumer'),
      Type.Literal('cursor_expired'),
      Type.Literal('going_away'),
      Type.Literal('permission_revoked'),
      Type.Literal('unavailable'),
    ]),
    cursor: Type.Optional(Cursor),
  }),
  result: Type.Null(),
});

/** To the client: the daemon stops at the deadline; finish, then connect again. */
export const daemonGoingAway = method({
  name: 'daemon.goingAway',
  summary: 'The daemon is about to stop.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  params: Exactly({ reason: Type.String(), deadlineMs: Type.Integer(), retryAfterMs: Type.Integer() }),
  result: Type.Null(),
});
