import { Type } from '../type.js';
import { method } from '../method.js';
import { AgentId, Cursor, Done, Exactly, Json, Page, Time, Uuid } from '../schemas.js';
import { DurableEnvelope } from './delivery.js';

export const inboxOpen = method({
  name: 'inbox.open',
  summary: 'Take the messages of an agent on the connection that owns it, as message.handle calls.',
  permission: 'message:answer',
  params: Exactly({
    agentId: AgentId,
    window: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'Messages that the agent works on at once.' }),
    ),
  }),
  result: Exactly({ window: Type.Integer() }),
  errors: ['agent_not_found', 'stale_epoch'],
});

export const inboxClose = method({
  name: 'inbox.close',
  summary: 'Take no more messages; those being worked on are still to be answered.',
  permission: 'message:answer',
  params: Exactly({ agentId: AgentId }),
  result: Done,
  errors: ['agent_not_found', 'stale_epoch'],
});

export const inboxGet = method({
  name: 'inbox.get',
  summary: "How full an agent's inbox is.",
  permission: 'message:answer',
  params: Exactly({ agentId: AgentId }),
  result: Exactly({
    agentId: AgentId,
    messages: Type.Integer({ description: 'All of them.' }),
    inFlight: Type.Integer({ description: 'Those that the agent is working on.' }),
    bytes: Type.Integer(),
    limits: Exactly({ messages: Type.Integer(), bytes: Type.Integer() }),
  }),
  errors: ['agent_not_found'],
});

export const inboxPull = method({
  name: 'inbox.pull',
  summary: 'Take messages of an agent on the connection that owns it, to be settled by message.ack and message.nack.',
  permission: 'message:answer',
  params: Exactly({
    agentId: AgentId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'At most so many.' })),
    waitMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 30_000, default: 0, description: 'How long to wait for the first.' }),
    ),
  }),
  result: Exactly({ messages: Type.Array(Exactly({ message: DurableEnvelope, payload: Json })) }),
  errors: ['agent_not_found', 'stale_epoch', 'too_many_pending', 'storage_full'],
});

export const inboxList = method({
  name: 'inbox.list',
  summary: "The messages in an agent's inbox in the order in which they are delivered, without their payloads.",
  permission: 'message:answer',
  params: Exactly({
    agentId: AgentId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'Entries a page.' })),
    cursor: Type.Optional(Cursor),
  }),
  result: Page(
    Exactly({
      messageId: Uuid,
      from: Type.String(),
      type: Type.String(),
      priority: Type.Integer(),
      attempts: Type.Integer({ minimum: 0 }),
      state: Type.Union([Type.Literal('queued'), Type.Literal('delayed'), Type.Literal('inFlight')]),
      acceptedAt: Time,
      bytes: Type.Integer(),
    }),
  ),
  errors: ['agent_not_found'],
});
