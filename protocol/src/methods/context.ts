import { Type } from '../type.js';
import { method } from '../method.js';
import {
  AgentId,
  ContextId,
  Cursor,
  Exactly,
  IdempotencyKey,
  Json,
  Limit,
  Page,
  PrincipalId,
  Time,
  Traceparent,
  Uuid,
} from '../schemas.js';

const YEARS_MS = 3_660 * 86_400_000;
const EntryNumber = Type.Integer({ minimum: 1, description: 'Number of an entry; numbers rise, and may leave gaps.' });
const Title = Type.Optional(Type.String({ maxLength: 256 }));
const SpeaksAs = Type.Optional({
  ...AgentId,
  description: 'The agent that does it, where the caller takes part by several.',
});

/** What a participant may do: lead the conversation, speak in it, or read it. */
export const ContextRole = Type.Union([Type.Literal('moderator'), Type.Literal('member'), Type.Literal('observer')]);

/** Who speaks when: anybody, one after another, or whom the moderator names. */
export const TurnMode = Type.Union([Type.Literal('free'), Type.Literal('roundRobin'), Type.Literal('moderator')]);

/** A participant by name: an agent, or a principal that takes part itself. */
export const ParticipantName = Type.Union([Exactly({ agent: AgentId }), Exactly({ principal: PrincipalId })]);

/** Somebody who is to take part; a member unless said. */
export const Invitation = Type.Union([
  Exactly({ agent: AgentId, role: Type.Optional(ContextRole) }),
  Exactly({ principal: PrincipalId, role: Type.Optional(ContextRole) }),
]);

/** Somebody who takes part. */
export const Participant = Exactly({
  principal: Type.String({ description: 'The principal, or the one that the agent belongs to.' }),
  agent: Type.Optional(AgentId),
  role: ContextRole,
  joinedAt: Time,
});

/** Whose turn it is; without a holder anybody may begin, and in moderator mode only a moderator. */
export const Turn = Exactly({
  holder: Type.Optional(ParticipantName),
  until: Type.Optional({ ...Time, description: 'Then the turn passes on by itself.' }),
});

const ContextState = Type.Union([
  Type.Literal('open'),
  Type.Literal('closed'),
  Type.Literal('erasing'),
  Type.Literal('erased'),
]);

/** What an erasure took away. */
export const Erased = Exactly({
  entries: Type.Integer(),
  messages: Type.Integer(),
  tasks: Type.Integer(),
  state: Type.Integer({ description: 'Fields of the state document.' }),
  bytes: Type.Integer(),
});

const About = {
  contextId: ContextId,
  title: Title,
  state: ContextState,
  turns: TurnMode,
  createdBy: Type.String(),
  createdAt: Time,
  updatedAt: Time,
};

/** A context as those who take part see it. */
export const ContextRecord = Exactly({
  ...About,
  participants: Type.Array(Participant),
  turnMs: Type.Integer({ description: 'How long a turn lasts at most.' }),
  turn: Type.Optional(Turn),
  retentionMs: Type.Optional(Type.Integer({ description: 'How long an entry is kept; for ever unless said.' })),
  originalMs: Type.Integer({ description: 'How long entries are kept once a summary stands for them.' }),
  entries: Type.Integer({ description: 'Entries that are kept.' }),
  bytes: Type.Integer(),
  first: Type.Integer({ description: 'Entries before this one are no longer kept.' }),
  last: Type.Integer({ description: 'Number of the last entry; 0 before the first.' }),
  summary: Type.Optional(Exactly({ entry: EntryNumber, upTo: EntryNumber })),
  erased: Type.Optional(Exactly({ at: Time, by: Type.String(), removed: Erased })),
});

/** A context in a listing. */
export const ContextSummary = Exactly({ ...About, participants: Type.Integer() });

/** One entry of a transcript; which members there are depends on its type. */
export const TranscriptEntry = Exactly({
  entry: EntryNumber,
  at: Time,
  by: Type.String({ description: 'Principal.' }),
  agent: Type.Optional(AgentId),
  type: Type.String({
    description:
      'What its writer calls it, or one of ours: summary, participant, turn, closed, messageSent, messageSettled (that one was not handled), task, artifact.',
  }),
  payload: Type.Optional(Json),
  contentType: Type.Optional(Type.String()),
  inReplyTo: Type.Optional(EntryNumber),
  ref: Type.Optional(
    Exactly({
      message: Type.Optional(Uuid),
      messages: Type.Optional(Type.Array(Uuid, { description: 'Where several agents were sent the same.' })),
      task: Type.Optional(Uuid),
      artifact: Type.Optional(Type.String()),
    }),
  ),
  to: Type.Optional(Type.Array(AgentId, { description: 'Agents that a message was sent to.' })),
  covers: Type.Optional(Exactly({ from: EntryNumber, to: EntryNumber })),
  participant: Type.Optional(Participant),
  turn: Type.Optional(Turn),
  reason: Type.Optional(Type.String()),
  traceId: Type.Optional(Type.String()),
});

const Settings = {
  title: Title,
  turns: Type.Optional(TurnMode),
  turnMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 86_400_000 })),
  retentionMs: Type.Optional(Type.Integer({ minimum: 1, maximum: YEARS_MS })),
  originalMs: Type.Optional(Type.Integer({ minimum: 1, maximum: YEARS_MS })),
};

export const contextCreate = method({
  name: 'context.create',
  summary: 'Begin a conversation; the caller becomes its moderator unless it says otherwise.',
  permission: 'context:use',
  effect: true,
  params: Exactly({
    contextId: Type.Optional(ContextId),
    ...Settings,
    participants: Type.Optional(Type.Array(Invitation, { maxItems: 256 })),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: ContextRecord,
  errors: ['conflict', 'agent_not_found', 'limit_exceeded'],
});

export const contextGet = method({
  name: 'context.get',
  summary: 'One context.',
  permission: 'context:read',
  params: Exactly({ contextId: ContextId }),
  result: ContextRecord,
  errors: ['not_found'],
});

export const contextList = method({
  name: 'context.list',
  summary: 'Contexts that the caller takes part in, by id; all of them for who has context:admin and asks for all.',
  permission: 'context:read',
  params: Exactly({ all: Type.Optional(Type.Boolean()), limit: Limit, cursor: Type.Optional(Cursor) }),
  result: Page(ContextSummary),
  errors: ['permission_denied'],
});

export const contextInvite = method({
  name: 'context.invite',
  summary: 'Let others take part, or give those who do another role.',
  permission: 'context:use',
  effect: true,
  params: Exactly({
    contextId: ContextId,
    participants: Type.Array(Invitation, { minItems: 1, maxItems: 64 }),
    idempotencyKey: IdempotencyKey,
  }),
  result: ContextRecord,
  errors: ['not_found', 'permission_denied', 'context_closed', 'agent_not_found', 'limit_exceeded', 'conflict'],
});

export const contextRemove = method({
  name: 'context.remove',
  summary: 'Let somebody take part no longer.',
  permission: 'context:use',
  effect: true,
  params: Exactly({ contextId: ContextId, participant: ParticipantName, idempotencyKey: IdempotencyKey }),
  result: ContextRecord,
  errors: ['not_found', 'permission_denied', 'context_closed', 'conflict'],
});

export const contextLeave = method({
  name: 'context.leave',
  summary: 'Take part no longer.',
  permission: 'context:use',
  effect: true,
  params: Exactly({ contextId: ContextId, agentId: SpeaksAs, idempotencyKey: IdempotencyKey }),
  result: Exactly({ left: ParticipantName }),
  errors: ['not_found', 'conflict'],
});

export const contextUpdate = method({
  name: 'context.update',
  summary: 'Change the title, who speaks when, or how long entries are kept.',
  permission: 'context:use',
  effect: true,
  params: Exactly({ contextId: ContextId, ...Settings, idempotencyKey: IdempotencyKey }),
  result: ContextRecord,
  errors: ['not_found', 'permission_denied', 'context_closed', 'conflict'],
});

export const contextClose = method({
  name: 'context.close',
  summary: 'Take no more entries; what is there can be read on.',
  permission: 'context:use',
  effect: true,
  params: Exactly({ contextId: ContextId, idempotencyKey: IdempotencyKey }),
  result: ContextRecord,
  errors: ['not_found', 'permission_denied', 'context_closed', 'conflict'],
});

export const contextAppend = method({
  name: 'context.append',
  summary: 'Say something: one more entry of the transcript.',
  permission: 'context:use',
  effect: true,
  relayed: 'payload',
  params: Exactly({
    contextId: ContextId,
    payload: Json,
    type: Type.Optional(Type.String({ minLength: 1, maxLength: 128, default: 'message' })),
    contentType: Type.Optional(Type.String({ maxLength: 128 })),
    inReplyTo: Type.Optional(EntryNumber),
    agentId: SpeaksAs,
    keepTurn: Type.Optional(Type.Boolean({ description: 'Go on speaking after this.' })),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({ entry: EntryNumber, at: Time, turn: Type.Optional(Turn) }),
  errors: ['not_found', 'permission_denied', 'context_closed', 'not_your_turn', 'limit_exceeded', 'conflict'],
});

export const contextPass = method({
  name: 'context.pass',
  summary: 'Give the turn on: to the next, or to whom a moderator names.',
  permission: 'context:use',
  effect: true,
  params: Exactly({
    contextId: ContextId,
    to: Type.Optional(ParticipantName),
    agentId: SpeaksAs,
    idempotencyKey: IdempotencyKey,
  }),
  result: Turn,
  errors: ['not_found', 'permission_denied', 'context_closed', 'not_your_turn', 'conflict'],
});

export const contextRead = method({
  name: 'context.read',
  summary: 'Entries of the transcript, oldest or newest first; a summary stands for the entries that it covers.',
  permission: 'context:read',
  params: Exactly({
    contextId: ContextId,
    from: Type.Optional(Type.Union([Type.Literal('start'), Type.Literal('end')], { default: 'start' })),
    since: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Only entries after this one; all of those must be kept, or a summary.',
      }),
    ),
    include: Type.Optional(
      Type.Literal('original', { description: 'The entries themselves, as far as they are kept, and every summary.' }),
    ),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  }),
  result: Page(TranscriptEntry),
  errors: ['not_found', 'cursor_expired'],
});

export const contextWatch = method({
  name: 'context.watch',
  summary: 'Follow the transcript on this connection; entries come as subscription.events, each once.',
  permission: 'context:read',
  params: Exactly({ contextId: ContextId, after: Type.Optional(Cursor) }),
  result: Exactly({ subscriptionId: Uuid, cursor: Cursor }),
  errors: ['not_found', 'cursor_expired', 'limit_exceeded'],
});

export const contextSummarize = method({
  name: 'context.summarize',
  summary: 'Put a summary in the place of all entries up to one; they are kept until their retention ends.',
  permission: 'context:use',
  effect: true,
  relayed: 'payload',
  params: Exactly({
    contextId: ContextId,
    upTo: EntryNumber,
    payload: Json,
    contentType: Type.Optional(Type.String({ maxLength: 128 })),
    agentId: SpeaksAs,
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({ entry: EntryNumber, at: Time, covers: Exactly({ from: EntryNumber, to: EntryNumber }) }),
  errors: ['not_found', 'permission_denied', 'context_closed', 'limit_exceeded', 'conflict'],
});

export const contextExport = method({
  name: 'context.export',
  summary:
    'Everything of a context as JSON Lines: its record, every entry that is kept, oldest first, its state document.',
  permission: 'context:read',
  params: Exactly({ contextId: ContextId, limit: Limit, cursor: Type.Optional(Cursor) }),
  result: Page(Type.String({ description: 'One line; a JSON text without line breaks.' })),
  errors: ['not_found'],
});

export const contextErase = method({
  name: 'context.erase',
  summary: 'Delete all content of a context, and answer once it is in no file of the store any more.',
  permission: 'context:use',
  effect: true,
  params: Exactly({
    contextId: ContextId,
    reason: Type.Optional(Type.String({ maxLength: 256, description: 'Stays in the journal.' })),
    idempotencyKey: IdempotencyKey,
  }),
  result: Exactly({ erased: Erased }),
  errors: ['not_found', 'permission_denied', 'unavailable', 'storage_full', 'conflict'],
});
