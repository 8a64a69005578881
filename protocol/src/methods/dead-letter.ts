import { Type } from '../type.js';
import { method } from '../method.js';
import {
  AgentId,
  ContextId,
  Cursor,
  Done,
  Exactly,
  IdempotencyKey,
  Json,
  Limit,
  Page,
  Time,
  Uuid,
} from '../schemas.js';

/** What nobody could handle. */
export const DeadLetter = Exactly({
  kind: Type.Union([Type.Literal('message'), Type.Literal('task')]),
  id: Type.String({ description: 'Of the message or task.' }),
  agent: Type.String({ description: 'Whose it was last.' }),
  sender: Type.String({ description: 'Principal that sent it.' }),
  type: Type.Optional(Type.String({ description: 'What kind of message it is.' })),
  contextId: Type.Optional(ContextId),
  attempts: Type.Integer({ minimum: 0 }),
  error: Type.Optional(Type.String({ description: 'Name of the error that the last attempt of a task ended with.' })),
  at: Time,
});

export const deadLetterList = method({
  name: 'deadLetter.list',
  summary: 'What nobody could handle, oldest first.',
  permission: 'message:admin',
  params: Exactly({ agentId: Type.Optional(AgentId), limit: Limit, cursor: Type.Optional(Cursor) }),
  result: Page(DeadLetter),
});

export const deadLetterShow = method({
  name: 'deadLetter.show',
  summary: 'One dead letter with its payload.',
  permission: 'message:admin',
  params: Exactly({ id: Uuid }),
  result: Exactly({ letter: DeadLetter, payload: Json }),
  errors: ['not_found'],
});

export const deadLetterRedeliver = method({
  name: 'deadLetter.redeliver',
  summary: 'Send what nobody could handle once more, to the same recipient, under a new id.',
  permission: 'message:admin',
  effect: true,
  params: Exactly({ id: Uuid, idempotencyKey: IdempotencyKey }),
  result: Exactly({ id: Type.String({ description: 'Of the new message or task.' }) }),
  errors: [
    'not_found',
    'agent_not_found',
    'no_agent_for_skill',
    'inbox_full',
    'context_closed',
    'conflict',
    'storage_full',
  ],
});

export const deadLetterDiscard = method({
  name: 'deadLetter.discard',
  summary: 'Give a dead letter up.',
  permission: 'message:admin',
  effect: true,
  params: Exactly({ id: Uuid, idempotencyKey: IdempotencyKey }),
  result: Done,
  errors: ['not_found', 'storage_full'],
});
