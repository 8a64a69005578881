import { Type } from '../type.js';
import { method } from '../method.js';
import { AgentId, ContextId, Cursor, Exactly, Limit, Page, Time, Uuid } from '../schemas.js';

/** One thing that happened, without content: ids, names, numbers, times, outcomes. */
export const TimelineEntry = Exactly({
  id: Type.String({
    description: 'message/ID, message/ID/delivery/1, task/ID, task/ID/step/2, tool/CALL, context/ID …',
  }),
  cause: Type.Optional(Type.String({ description: 'The entry that it belongs to, or that it happened because of.' })),
  kind: Type.Union([
    Type.Literal('context'),
    Type.Literal('entry'),
    Type.Literal('message'),
    Type.Literal('delivery'),
    Type.Literal('task'),
    Type.Literal('step'),
    Type.Literal('tool'),
  ]),
  at: Time,
  durationMs: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'From then to its end; of a step, how long the attempt that it ends ran.',
    }),
  ),
  outcome: Type.Optional(Type.String({ description: 'How it ended, once it has.' })),
  principal: Type.Optional(Type.String({ description: 'Who did it.' })),
  agent: Type.Optional(AgentId),
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  details: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      description: 'What else is known of a thing of its kind.',
    }),
  ),
});

const Root = {
  ...ContextId,
  description: 'Id of a message, a task, a tool call or a context, or the trace id of a W3C traceparent.',
};

export const timelineGet = method({
  name: 'timeline.get',
  summary:
    'Everything that happened because of a message or task, or in a context or trace, as far as the caller may see it; a cause comes before its effects. A page may have fewer entries than its limit and still a cursor.',
  permission: 'timeline:read',
  params: Exactly({ id: Root, limit: Limit, cursor: Type.Optional(Cursor) }),
  result: Page(TimelineEntry),
  errors: ['not_found', 'cursor_expired'],
});

export const timelineWatch = method({
  name: 'timeline.watch',
  summary:
    'The same, and then what happens from now on, on this connection; entries come as subscription.events. One that changes comes again under its id.',
  permission: 'timeline:read',
  params: Exactly({ id: Root, after: Type.Optional(Cursor) }),
  result: Exactly({ subscriptionId: Uuid, cursor: Cursor }),
  errors: ['not_found', 'cursor_expired', 'limit_exceeded'],
});
