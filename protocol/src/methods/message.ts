import { Type } from '../type.js';
import { method } from '../method.js';
import { AgentId, Exactly, Json, Labels, SkillId, Traceparent, Uuid, VersionRange } from '../schemas.js';

/** One agent, by name. */
export const ByAgent = Exactly({ agent: AgentId });
/** Whichever agent has a skill. */
export const BySkill = Exactly({
  skill: SkillId,
  version: Type.Optional(VersionRange),
  labels: Type.Optional(Labels),
});
/** Who a message goes to: one agent, or whichever agent has a skill. */
export const Recipient = Type.Union([ByAgent, BySkill]);

/** What travels with a payload: who sent it, for what, through how many hands. */
export const Envelope = Exactly({
  id: Uuid,
  from: Type.String({ description: 'Principal that sent it.' }),
  fromAgent: Type.Optional(AgentId),
  to: AgentId,
  skill: Type.Optional(SkillId),
  hops: Type.Integer({ minimum: 0 }),
  timeoutMs: Type.Integer({ description: 'What is left until the sender stops waiting.' }),
  stream: Type.Optional(Type.Boolean({ description: 'The sender takes partial answers.' })),
  traceparent: Traceparent,
});

export const messageRequest = method({
  name: 'message.request',
  summary: 'Ask a connected agent and wait for its answer; nothing is stored.',
  permission: 'message:request',
  relayed: 'payload',
  params: Exactly({
    to: Recipient,
    payload: Json,
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600_000, default: 30_000 })),
    stream: Type.Optional(Type.Boolean({ description: 'Send message.partial notifications as parts come.' })),
    parentId: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'The message being handled, for its hops, deadline and trace; or the task being worked on.',
      }),
    ),
    traceparent: Traceparent,
  }),
  result: Exactly({ agent: AgentId, payload: Json }),
  errors: [
    'agent_not_found',
    'agent_offline',
    'agent_unavailable',
    'no_agent_for_skill',
    'deadline_exceeded',
    'canceled',
    'hop_limit',
    'agent_failed',
    'too_many_pending',
    'not_found',
  ],
});

/** To an agent: a message to answer. The result is the answer's payload, as it is. */
export const messageDeliver = method({
  name: 'message.deliver',
  summary: 'A message to answer; the result is the answer.',
  permission: 'public',
  answeredBy: 'client',
  relayed: 'payload',
  params: Exactly({ message: Envelope, payload: Json }),
  result: Json,
});

/** From an agent: one part of the answer to the message.deliver with this message id. */
export const messagePart = method({
  name: 'message.part',
  summary: 'One part of the answer to a message that is being handled.',
  permission: 'message:answer',
  notification: true,
  relayed: 'payload',
  params: Exactly({ messageId: Uuid, payload: Json }),
  result: Type.Null(),
});

/** To the sender of a streaming request: one part of the answer, in order. */
export const messagePartial = method({
  name: 'message.partial',
  summary: 'One part of the answer to a streaming request.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  relayed: 'payload',
  params: Exactly({
    requestId: Type.Union([Type.String(), Type.Number()], { description: 'Id of the message.request.' }),
    sequence: Type.Integer({ minimum: 0 }),
    payload: Json,
  }),
  result: Type.Null(),
});
