import { Type } from '../type.js';
import { method } from '../method.js';
import {
  AgentId,
  ContextId,
  Cursor,
  Exactly,
  IdempotencyKey,
  Json,
  SkillId,
  Time,
  Traceparent,
  Uuid,
} from '../schemas.js';
import { ByAgent, BySkill, Recipient } from './message.js';

const MessageType = Type.String({
  pattern: '^[a-zA-Z0-9](?:[a-zA-Z0-9._~:/-]*[a-zA-Z0-9])?$',
  minLength: 1,
  maxLength: 128,
  description: 'What kind of message it is; "message" unless said. A name: the journal has it.',
});
const CorrelationId = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'What belongs together, in the words of the sender.',
});
const ContentType = Type.String({ minLength: 1, maxLength: 128, description: 'Media type of the payload.' });
const Priority = Type.Integer({ minimum: 0, maximum: 9, default: 4, description: '9 goes first.' });
const Attempt = Type.Integer({ minimum: 1, description: 'Which delivery of the message this is.' });
const DelayMs = Type.Integer({ minimum: 0, maximum: 86_400_000 });

/** What travels with the payload of a durable message. */
export const DurableEnvelope = Exactly({
  deliveryId: Uuid,
  attempt: Attempt,
  visibilityMs: Type.Integer({ description: 'How long the recipient has it before it is delivered again.' }),
  id: Uuid,
  from: Type.String({ description: 'Principal that sent it.' }),
  fromAgent: Type.Optional(AgentId),
  to: AgentId,
  skill: Type.Optional(SkillId),
  type: MessageType,
  priority: Priority,
  contextId: Type.Optional(ContextId),
  correlationId: Type.Optional(CorrelationId),
  causationId: Type.Optional(Uuid),
  contentType: Type.Optional(ContentType),
  hops: Type.Integer({ minimum: 0 }),
  chain: Type.Optional(Type.Array(AgentId, { description: 'Agents that it went through, first one first.' })),
  rootId: Type.Optional(Type.String({ description: 'The message or task that all this began with.' })),
  traceparent: Traceparent,
  acceptedAt: Time,
  expiresAt: Type.Optional(Time),
  sequence: Type.Integer({ minimum: 1, description: "Where it came in its recipient's inbox." }),
});

/** What became of a message, or that it is on its way. */
export const Receipt = Exactly({
  messageId: Uuid,
  agent: AgentId,
  state: Type.Union([Type.Literal('pending'), Type.Literal('settled')]),
  outcome: Type.Optional(
    Type.Union(
      [
        Type.Literal('handled'),
        Type.Literal('failed'),
        Type.Literal('expired'),
        Type.Literal('deadLettered'),
        Type.Literal('refused'),
        Type.Literal('canceled'),
      ],
      { description: 'Exactly one, for good. canceled: its context was erased before anybody handled it.' },
    ),
  ),
  attempts: Type.Integer({ minimum: 0 }),
  acceptedAt: Time,
  settledAt: Type.Optional(Time),
  reason: Type.Optional(Type.String()),
  correlationId: Type.Optional(CorrelationId),
});

/** Who gets a durable message: a {@link Recipient}, or every agent that speaks in a context. */
export const SendTo = Type.Union([
  ByAgent,
  BySkill,
  Exactly({
    context: {
      ...ContextId,
      description:
        'Every agent that takes part and may speak in it but the sender; those that are no more, or that the caller may not send to, are left out.',
    },
  }),
]);

export const messageSend = method({
  name: 'message.send',
  summary: 'Hand over a message that survives anything and ends in exactly one receipt.',
  permission: 'message:send',
  effect: true,
  relayed: 'payload',
  params: Exactly({
    to: SendTo,
    payload: Json,
    type: Type.Optional(MessageType),
    contextId: Type.Optional({
      ...ContextId,
      description: 'The conversation that it belongs to; the caller speaks in it. That of the parent unless said.',
    }),
    correlationId: Type.Optional(CorrelationId),
    causationId: Type.Optional(Uuid),
    priority: Type.Optional(Priority),
    ttlMs: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 31 * 86_400_000,
        description: 'It expires unless delivered within this time.',
      }),
    ),
    contentType: Type.Optional(ContentType),
    maxAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    parentId: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'The message being handled or the task being worked on, for its hops, cause, context and trace.',
      }),
    ),
    traceparent: Traceparent,
    idempotencyKey: IdempotencyKey,
  }),
  result: Exactly({
    messageId: Uuid,
    agent: AgentId,
    acceptedAt: Time,
    messages: Type.Optional(
      Type.Array(Exactly({ messageId: Uuid, agent: AgentId }), {
        description: 'One for each agent where it was sent to a context; messageId and agent are of the first.',
      }),
    ),
  }),
  errors: [
    'agent_not_found',
    'no_agent_for_skill',
    'inbox_full',
    'hop_limit',
    'fan_out_limit',
    'not_found',
    'permission_denied',
    'context_closed',
    'conflict',
    'limit_exceeded',
    'storage_full',
  ],
});

/** To an agent: a durable message to handle. */
export const messageHandle = method({
  name: 'message.handle',
  summary:
    'A durable message. An answer settles it as handled, but {"ack": false}, after which the agent calls message.ack or message.nack itself; an error hands it back, for good where data.retryable is false.',
  permission: 'public',
  answeredBy: 'client',
  relayed: 'payload',
  params: Exactly({ message: DurableEnvelope, payload: Json }),
  result: Json,
});

export const messageAck = method({
  name: 'message.ack',
  summary: 'Settle a message as handled.',
  permission: 'message:answer',
  concludes: true,
  effect: true,
  params: Exactly({ messageId: Uuid, deliveryId: Uuid, idempotencyKey: IdempotencyKey }),
  result: Receipt,
  errors: ['not_found', 'stale_attempt', 'storage_full'],
});

export const messageNack = method({
  name: 'message.nack',
  summary: 'Hand a message back, to be delivered again later, or for good.',
  permission: 'message:answer',
  concludes: true,
  effect: true,
  params: Exactly({
    messageId: Uuid,
    deliveryId: Uuid,
    delayMs: Type.Optional(DelayMs),
    reason: Type.Optional(Type.String({ maxLength: 512 })),
    final: Type.Optional(Type.Boolean({ description: 'It will never be handled: settle it as failed.' })),
    idempotencyKey: IdempotencyKey,
  }),
  result: Exactly({ outcome: Receipt.properties.outcome, nextAttemptAt: Type.Optional(Time) }),
  errors: ['not_found', 'stale_attempt', 'storage_full'],
});

export const messageExtend = method({
  name: 'message.extend',
  summary: 'Ask for more time with a message.',
  permission: 'message:answer',
  concludes: true,
  params: Exactly({
    messageId: Uuid,
    deliveryId: Uuid,
    extendMs: Type.Integer({ minimum: 1, maximum: 86_400_000, description: 'From now.' }),
  }),
  result: Exactly({ until: Time }),
  errors: ['not_found', 'stale_attempt'],
});

export const messageReceipt = method({
  name: 'message.receipt',
  summary: 'What became of a message; for who sent it, whose agent got it, and who may read its context.',
  permission: 'message:send',
  params: Exactly({ messageId: Uuid }),
  result: Receipt,
  errors: ['not_found'],
});

export const messageWatch = method({
  name: 'message.watch',
  summary:
    "Follow what becomes of the caller's messages; entries come as subscription.events, each the receipt of a settled message, once.",
  permission: 'message:send',
  params: Exactly({ after: Type.Optional(Cursor) }),
  result: Exactly({ subscriptionId: Uuid, cursor: Cursor }),
  errors: ['cursor_expired', 'limit_exceeded'],
});

export const messageExplain = method({
  name: 'message.explain',
  summary: 'Who would get a message now, of whom, and why.',
  permission: 'message:send',
  params: Exactly({ to: Recipient, contextId: Type.Optional(ContextId) }),
  result: Exactly({
    chosen: Type.Optional(AgentId),
    rule: Type.Optional(
      Type.Union(
        [Type.Literal('agent'), Type.Literal('sticky'), Type.Literal('leastLoaded'), Type.Literal('waiting')],
        {
          description:
            'agent: it was named. sticky: it had the conversation before. leastLoaded: of those that are there it has the least to do. waiting: nobody is there, and it has the least to do.',
        },
      ),
    ),
    candidates: Type.Array(
      Exactly({
        agent: AgentId,
        eligible: Type.Boolean(),
        reasons: Type.Array(Type.String()),
        load: Type.Integer({ description: 'Messages in its inbox and requests that it works on.' }),
      }),
    ),
  }),
  errors: ['agent_not_found', 'not_found'],
});
