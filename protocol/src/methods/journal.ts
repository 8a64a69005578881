import { Type } from '../type.js';
import { method } from '../method.js';
import { Cursor, Exactly, Limit, Page, Time, Uuid } from '../schemas.js';

const Action = Type.String({ maxLength: 128, description: 'An event name, or a prefix of it that ends with ".".' });
const Filter = {
  actions: Type.Optional(Type.Array(Action, { maxItems: 32 })),
  resource: Type.Optional(
    Type.String({ maxLength: 512, description: 'A resource, or a prefix of it that ends with "/".' }),
  ),
};

/** One record of the journal, as it is hashed. */
export const JournalRecord = Exactly({
  sequence: Type.Integer({ minimum: 1 }),
  time: Time,
  node: Type.String(),
  principal: Type.String(),
  onBehalfOf: Type.Optional(Type.Array(Type.String())),
  action: Type.String(),
  resource: Type.String(),
  outcome: Type.Union([Type.Literal('success'), Type.Literal('failure'), Type.Literal('denied')]),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  contentHash: Type.Optional(Type.String({ description: 'sha256 of the content, hex; never the content.' })),
  traceId: Type.Optional(Type.String()),
  previous: Type.String({ description: 'Hash of the record before; 64 zeros for the first.' }),
  hash: Type.String({ description: 'sha256 of this record without this member, hex.' }),
});

export const journalRead = method({
  name: 'journal.read',
  summary: 'Records of the journal, oldest first.',
  permission: 'journal:read',
  params: Exactly({
    after: Type.Optional(Cursor),
    fromSequence: Type.Optional(Type.Integer({ minimum: 1 })),
    ...Filter,
    limit: Limit,
  }),
  result: Page(JournalRecord),
  errors: ['cursor_expired'],
});

export const journalSubscribe = method({
  name: 'journal.subscribe',
  summary: 'Follow the journal on this connection; entries come as subscription.events, each a record.',
  permission: 'journal:read',
  params: Exactly({
    after: Type.Optional(Cursor),
    ...Filter,
  }),
  result: Exactly({ subscriptionId: Uuid, cursor: Cursor }),
  errors: ['cursor_expired', 'limit_exceeded'],
});
