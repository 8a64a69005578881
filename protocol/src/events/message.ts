import { Type } from '../type.js';
import { event } from '../event.js';
import { Exactly } from '../schemas.js';

const MessageId = Type.String();
const Outcome = Type.String({ description: 'handled, failed, expired, deadLettered, refused or canceled.' });

export const messageAccepted = event({
  name: 'message.accepted',
  summary: 'A durable message was taken in.',
  details: Exactly({
    messageId: MessageId,
    sender: Type.String(),
    agent: Type.String(),
    type: Type.String(),
    priority: Type.Integer(),
    bytes: Type.Integer(),
    hops: Type.Integer(),
    skill: Type.Optional(Type.String()),
    contextId: Type.Optional(Type.String()),
    causationId: Type.Optional(Type.String()),
  }),
});
export const messageAttemptFailed = event({
  name: 'message.attemptFailed',
  summary: 'A delivery of a message came to nothing; it is delivered again.',
  details: Exactly({
    messageId: MessageId,
    agent: Type.String(),
    attempt: Type.Integer(),
    deliveredAt: Type.Optional(Type.String()),
    reason: Type.String({ description: 'nack, error, timeout, connection, takeover, behind or interrupted.' }),
    nextAttemptAt: Type.Optional(Type.String()),
    contextId: Type.Optional(Type.String()),
  }),
});
export const messageSettled = event({
  name: 'message.settled',
  summary: 'A message came to its one outcome.',
  details: Exactly({
    messageId: MessageId,
    sender: Type.String(),
    agent: Type.String(),
    outcome: Outcome,
    attempts: Type.Integer(),
    acceptedAt: Type.String(),
    deliveredAt: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String({ description: 'As in message.attemptFailed.' })),
    contextId: Type.Optional(Type.String()),
  }),
});
export const messageRedelivered = event({
  name: 'message.redelivered',
  summary: 'A dead letter was sent once more.',
  details: Exactly({
    messageId: MessageId,
    as: Type.String({ description: 'Id of the new message.' }),
    agent: Type.String(),
    contextId: Type.Optional(Type.String()),
  }),
});
export const messageDiscarded = event({
  name: 'message.discarded',
  summary: 'A dead letter was given up.',
  details: Exactly({
    messageId: MessageId,
    agent: Type.String(),
    reason: Type.String({
      description: 'asked; bound: there were too many; erased: with its context; expired: with its receipt.',
    }),
  }),
});
