import { Type } from '../type.js';
import { HYBRID_TIME, REPLICA_ID } from '../hybrid-time.js';
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
  Time,
  Traceparent,
  Uuid,
} from '../schemas.js';

/** The form of a {@link FieldName}. */
export const FIELD_NAME = '^(?!(?:__proto__|constructor|prototype)$)[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$';

/** A field's name: 1 to 128 ASCII letters, digits, `_`, `.`, `-`; begins with no `.` or `-`; no name of a prototype. */
export const FieldName = Type.String({
  pattern: FIELD_NAME,
  maxLength: 128,
  description: 'Name of a field.',
});

/** Whose document; exactly one of them. */
const Of = {
  agentId: Type.Optional(AgentId),
  contextId: Type.Optional(ContextId),
};

const Revision = Type.Integer({ minimum: 0, description: 'Of the document; rises with each change.' });

/** What becomes of two writes to a field that did not know of each other. */
export const Rule = Type.Union([
  Type.Literal('refuse'),
  Type.Literal('last-write'),
  Type.Literal('merge'),
  Type.Literal('keep-both'),
]);

/** How a field with the rule `merge` is merged: a map key by key, a set of items, a counter as the sum of what was added. */
export const MergeKind = Type.Union([Type.Literal('map'), Type.Literal('set'), Type.Literal('counter')]);

/** Versions of a field that were written apart and wait for `state.resolve`. */
export const StateConflict = Exactly({
  alternatives: Type.Array(
    Exactly({
      value: Type.Optional(Json),
      deleted: Type.Optional(Type.Literal(true)),
      by: Type.String(),
      at: Time,
      base: Type.Optional(Type.Integer({ description: 'The revision that its writer knew.' })),
    }),
  ),
});

/** One field as it is: its value, or that it was deleted. */
export const StateField = Exactly({
  value: Type.Optional(Json),
  deleted: Type.Optional(Type.Literal(true)),
  revision: Type.Integer({ description: 'The revision of the document that last wrote it.' }),
  rule: Rule,
  merge: Type.Optional(MergeKind),
  updatedAt: Time,
  updatedBy: Type.String(),
  conflict: Type.Optional(StateConflict),
});

const Fields = Type.Record(FieldName, StateField);

/** What a write does; exactly one of them. */
const Operation = {
  value: Type.Optional(Json),
  delete: Type.Optional(Type.Literal(true)),
  add: Type.Optional(Type.Integer({ description: 'Added to a counter.' })),
  insert: Type.Optional(Type.Array(Json, { maxItems: 10_000, description: 'Put into a set.' })),
  remove: Type.Optional(Type.Array(Json, { maxItems: 10_000, description: 'Taken out of a set.' })),
  set: Type.Optional(Type.Record(Type.String(), Json, { description: 'Keys of a map to write.' })),
  unset: Type.Optional(Type.Array(Type.String(), { maxItems: 10_000, description: 'Keys of a map to delete.' })),
};

/**
 * What became of a write. `written`: it holds; `merged`: it holds together with what its writer did not know; `conflict`: it is kept
 * beside that until somebody decides; `kept`: what was there is later and stays, the write is in the history.
 */
export const Outcome = Type.Union([
  Type.Literal('written'),
  Type.Literal('merged'),
  Type.Literal('conflict'),
  Type.Literal('kept'),
]);

export const stateGet = method({
  name: 'state.get',
  summary: 'The document of an agent or of a context, or some of its fields.',
  permission: 'state:read',
  params: Exactly({ ...Of, fields: Type.Optional(Type.Array(FieldName, { maxItems: 1000 })) }),
  result: Exactly({ ...Of, revision: Revision, fields: Fields }),
  errors: ['agent_not_found', 'not_found'],
});

export const statePut = method({
  name: 'state.put',
  summary: 'Write one field: a value, its deletion, or an operation on a counter, set or map.',
  permission: 'state:write',
  effect: true,
  relayed: 'value',
  params: Exactly({
    ...Of,
    field: FieldName,
    revision: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The field must have it; 0: must not be there. Otherwise `conflict`.' }),
    ),
    base: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The revision that the writer knew, for the merge rule to judge by.' }),
    ),
    ...Operation,
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({ revision: Revision, outcome: Outcome }),
  errors: ['agent_not_found', 'not_found', 'context_closed', 'conflict', 'limit_exceeded', 'too_many_pending'],
});

/** A JSON Pointer [RFC 6901 §3]. */
const Pointer = Type.String({ pattern: '^(?:/(?:[^~/]|~[01])*)*$', maxLength: 2048, description: 'JSON Pointer.' });

/** One operation of a JSON Patch; members that it does not define are ignored [RFC 6902 §4]. */
const PatchOperation = Type.Union([
  Type.Object({
    op: Type.Union([Type.Literal('add'), Type.Literal('replace'), Type.Literal('test')]),
    path: Pointer,
    value: Json,
  }),
  Type.Object({ op: Type.Literal('remove'), path: Pointer }),
  Type.Object({ op: Type.Union([Type.Literal('move'), Type.Literal('copy')]), path: Pointer, from: Pointer }),
]);

export const statePatch = method({
  name: 'state.patch',
  summary:
    'Change several fields, or parts of their values, by a JSON Merge Patch or a JSON Patch: whole or not at all.',
  permission: 'state:write',
  effect: true,
  params: Exactly({
    ...Of,
    field: Type.Optional(FieldName),
    mergePatch: Type.Optional(
      Type.Unknown({ description: 'RFC 7396; of the object of all fields, or of the value of `field`.' }),
    ),
    jsonPatch: Type.Optional(
      Type.Array(PatchOperation, { maxItems: 256, description: 'RFC 6902; paths begin there as well.' }),
    ),
    revision: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'The document, or `field`, must have it; 0: `field` must not be there. Otherwise `conflict`.',
      }),
    ),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({
    revision: Revision,
    changed: Type.Array(FieldName, { description: 'Fields that are other than before.' }),
  }),
  errors: ['agent_not_found', 'not_found', 'context_closed', 'conflict', 'limit_exceeded', 'too_many_pending'],
});

export const stateDefine = method({
  name: 'state.define',
  summary: "Set a document's JSON Schema, and the schema and merge rule of fields; what is named replaces what was.",
  permission: 'state:write',
  effect: true,
  params: Exactly({
    ...Of,
    schema: Type.Optional(
      Type.Unknown({ description: 'JSON Schema 2020-12 of the object of all fields; null takes it away.' }),
    ),
    fields: Type.Optional(
      Type.Record(
        FieldName,
        Exactly({
          schema: Type.Optional(Type.Unknown({ description: 'JSON Schema 2020-12 of its value.' })),
          rule: Type.Optional(Rule),
          merge: Type.Optional(MergeKind),
        }),
      ),
    ),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({ revision: Revision }),
  errors: ['agent_not_found', 'not_found', 'context_closed', 'conflict', 'limit_exceeded', 'too_many_pending'],
});

export const stateResolve = method({
  name: 'state.resolve',
  summary: 'End a conflict: the field has this value now, or none.',
  permission: 'state:write',
  effect: true,
  relayed: 'value',
  params: Exactly({
    ...Of,
    field: FieldName,
    value: Type.Optional(Json),
    revision: Type.Integer({ minimum: 1, description: 'The revision of the field in which the conflict was seen.' }),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({ revision: Revision }),
  errors: ['agent_not_found', 'not_found', 'context_closed', 'conflict', 'limit_exceeded', 'too_many_pending'],
});

export const stateList = method({
  name: 'state.list',
  summary: 'Documents of agents that the caller may read, by id.',
  permission: 'state:read',
  params: Exactly({ limit: Limit, cursor: Type.Optional(Cursor) }),
  result: Page(
    Exactly({
      agentId: AgentId,
      revision: Revision,
      fields: Type.Integer(),
      conflicts: Type.Integer(),
      bytes: Type.Integer(),
      updatedAt: Type.Optional(Time),
    }),
  ),
});

/** One write as the history keeps it. */
export const StateHistoryEntry = Exactly({
  revision: Revision,
  field: Type.Optional(FieldName),
  outcome: Type.Union([Outcome, Type.Literal('replaced'), Type.Literal('refused'), Type.Literal('defined')], {
    description: 'Or `replaced`: by a write that did not know of it; `defined`: schemas or rules of fields.',
  }),
  operation: Type.Unknown({
    description:
      'What was asked: {"value": …}, {"delete": true}, {"add": 1} …; {"bytes": n} for a long value; {"define": [fields]}.',
  }),
  by: Type.String(),
  at: Time,
});

export const stateHistory = method({
  name: 'state.history',
  summary: 'The last writes to a document, latest first.',
  permission: 'state:read',
  params: Exactly({
    ...Of,
    field: Type.Optional(FieldName),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  }),
  result: Page(StateHistoryEntry),
  errors: ['agent_not_found', 'not_found'],
});

/** One write as a watcher sees it. */
export const StateChange = Exactly({
  ...StateHistoryEntry.properties,
  state: Type.Optional(StateField),
});

export const stateWatch = method({
  name: 'state.watch',
  summary:
    'Follow the writes to a document on this connection; they come as subscription.events, each once and in order, with the field as it is where no later write came yet.',
  permission: 'state:read',
  params: Exactly({ ...Of, after: Type.Optional(Cursor) }),
  result: Exactly({ subscriptionId: Uuid, revision: Revision, cursor: Cursor }),
  errors: ['agent_not_found', 'not_found', 'cursor_expired', 'limit_exceeded', 'too_many_pending'],
});

/** What became of a change of a replica. */
const SyncOutcome = Type.Union([Outcome, Type.Literal('refused'), Type.Literal('known')], {
  description: 'Or `refused`: alone, by the error; `known`: it counted in an earlier synchronisation.',
});

export const stateSync = method({
  name: 'state.sync',
  summary:
    'Bring what a replica changed on its own, and get what became of it and what is new; each change counts once, however often it comes.',
  permission: 'state:write',
  params: Exactly({
    ...Of,
    replica: Type.String({
      pattern: REPLICA_ID,
      description: 'Names the replica, of this principal, for all its life.',
    }),
    since: Type.Integer({ minimum: 0, description: 'The revision of the document that it knows; 0: none.' }),
    changes: Type.Array(
      Exactly({
        field: FieldName,
        base: Type.Integer({ minimum: 0, description: 'The revision that it knew when it made the change.' }),
        time: Type.String({ pattern: HYBRID_TIME, description: 'Hybrid time of the replica, rising.' }),
        ...Operation,
      }),
      { maxItems: 10_000, description: 'In the order in which they were made, from the first that was not answered.' },
    ),
    traceparent: Traceparent,
  }),
  result: Exactly({
    ...Of,
    revision: Revision,
    changes: Type.Array(
      Exactly({
        field: FieldName,
        time: Type.String(),
        outcome: SyncOutcome,
        error: Type.Optional(Type.String({ description: 'Name of the error that it was refused with.' })),
        issues: Type.Optional(Type.Array(Exactly({ path: Type.String(), message: Type.String() }))),
      }),
    ),
    fields: Type.Record(FieldName, StateField, { description: 'Fields that changed since, deleted ones too.' }),
    complete: Type.Optional(
      Type.Literal(true, { description: '`fields` is the whole document: what is not in it is not there.' }),
    ),
    rules: Type.Record(FieldName, Exactly({ rule: Rule, merge: Type.Optional(MergeKind) }), {
      description: 'Rules of fields, there or not, that have one.',
    }),
  }),
  errors: ['agent_not_found', 'not_found', 'context_closed', 'conflict', 'limit_exceeded', 'too_many_pending'],
});
