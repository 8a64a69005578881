import { Type } from '../type.js';
import { method } from '../method.js';
import {
  ContextId,
  Done,
  Exactly,
  IdempotencyKey,
  Json,
  Limit,
  Page,
  PrincipalId,
  Time,
  Traceparent,
  Uuid,
  VersionRange,
} from '../schemas.js';

const JsonObject = Type.Record(Type.String(), Json);
const CalledName = Type.String({
  pattern: '^[A-Za-z0-9_.\\-/]+$',
  minLength: 1,
  maxLength: 128,
  description: 'Name of a tool.',
});
const CallId = { ...Uuid, description: 'UUIDv7 of the call.' };
const TimeoutMs = Type.Integer({ minimum: 1, maximum: 3_600_000 });
const ShortText = Type.String({ maxLength: 512 });

/** What a tool answers; the members of MCP's CallToolResult. */
export const ToolResult = Type.Object({
  content: Type.Array(Json, { description: 'Content blocks as in MCP: text, image, audio, resource ...' }),
  structuredContent: Type.Optional(Json),
  isError: Type.Optional(Type.Boolean({ description: 'The tool itself says that it failed.' })),
});

/** How far a call is. */
const Progress = {
  progress: Type.Number({ description: 'Rises with each.' }),
  total: Type.Optional(Type.Number()),
  message: Type.Optional(Type.String({ maxLength: 4096 })),
};

export const toolCall = method({
  name: 'tool.call',
  summary: 'Call a tool and wait for its result.',
  permission: 'tool:call',
  effect: true,
  params: Exactly({
    name: CalledName,
    version: Type.Optional({ ...VersionRange, description: 'Which versions will do; the newest is taken.' }),
    arguments: Type.Optional(JsonObject),
    timeoutMs: Type.Optional({ ...TimeoutMs, description: 'For its provider; no more than the tool allows.' }),
    progress: Type.Optional(Type.Boolean({ description: 'Send tool.progressed notifications.' })),
    contextId: Type.Optional({
      ...ContextId,
      description: 'The conversation that it belongs to; the caller speaks in it. That of the parent unless said.',
    }),
    parentId: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'The message being handled, the task being worked on or the tool call being answered, for its hops, deadline, context and trace.',
      }),
    ),
    inputResponses: Type.Optional({ ...JsonObject, description: 'Answers to the inputRequests of an earlier call.' }),
    requestState: Type.Optional(Type.String({ description: 'What that call answered as requestState.' })),
    traceparent: Traceparent,
    idempotencyKey: IdempotencyKey,
  }),
  result: Type.Union([
    Exactly({ callId: CallId, kind: Type.Literal('result'), result: ToolResult }),
    Exactly(
      {
        callId: CallId,
        kind: Type.Literal('input_required'),
        inputRequests: Type.Optional(JsonObject),
        requestState: Type.Optional(Type.String()),
      },
      { description: 'Call again with inputResponses and requestState.' },
    ),
    Exactly(
      { callId: CallId, kind: Type.Literal('task'), task: JsonObject },
      { description: "A task of its provider, as in MCP's Tasks extension." },
    ),
  ]),
  errors: [
    'not_found',
    'permission_denied',
    'capability_missing',
    'conflict',
    'approval_required',
    'unavailable',
    'too_many_pending',
    'limit_exceeded',
    'deadline_exceeded',
    'canceled',
    'hop_limit',
    'context_closed',
    'tool_failed',
    'tool_result_invalid',
    'storage_full',
  ],
});

export const toolCancel = method({
  name: 'tool.cancel',
  summary: "End a tool call that is under way: one's own, or with tool:admin anybody's. Its provider is told.",
  permission: 'tool:call',
  concludes: true,
  params: Exactly({ callId: CallId, reason: Type.Optional(Type.String({ maxLength: 256 })) }),
  result: Done,
  errors: ['not_found'],
});

export const toolCalls = method({
  name: 'tool.calls',
  summary: "Tool calls under way: one's own, or with tool:admin all.",
  permission: 'tool:call',
  params: Exactly({ limit: Limit }),
  result: Exactly({
    entries: Type.Array(
      Exactly({
        callId: CallId,
        tool: CalledName,
        version: Type.String(),
        provider: Type.String(),
        caller: PrincipalId,
        state: Type.Union([Type.Literal('approval'), Type.Literal('queued'), Type.Literal('running')], {
          description: 'It waits for a human, for its turn, or for its provider.',
        }),
        runningMs: Type.Integer({ description: 'Since it was called.' }),
      }),
    ),
    total: Type.Integer(),
  }),
});

/** From an agent: how far it is with the tool.invoke of a call. */
export const toolProgress = method({
  name: 'tool.progress',
  summary: 'How far a tool call is that this agent answers.',
  permission: 'tool:register',
  notification: true,
  params: Exactly({ callId: CallId, ...Progress }),
  result: Type.Null(),
});

/** To the caller of a tool that wants to know: how far its call is. */
export const toolProgressed = method({
  name: 'tool.progressed',
  summary: 'How far a tool call is.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  params: Exactly({
    requestId: Type.Union([Type.String(), Type.Number()], { description: 'Id of the tool.call.' }),
    callId: CallId,
    ...Progress,
  }),
  result: Type.Null(),
});

const Approval = Exactly({
  approvalId: Uuid,
  tool: CalledName,
  version: Type.String(),
  title: Type.Optional(Type.String()),
  provider: Type.String(),
  caller: PrincipalId,
  arguments: JsonObject,
  digest: Type.String({ description: 'SHA-256, hex, over caller, tool, definition and arguments: what is approved.' }),
  requestedAt: Time,
  expiresAt: Time,
  waiting: Type.Boolean({ description: 'Whether the caller still waits; otherwise it has to call again.' }),
});

export const toolApprovals = method({
  name: 'tool.approvals',
  summary: 'Tool calls that wait for somebody to approve them, with their exact arguments, the oldest first.',
  permission: 'tool:approve',
  params: Exactly({ limit: Limit }),
  result: Page(Approval),
});

export const toolDecide = method({
  name: 'tool.decide',
  summary: 'Approve a tool call that waits, once and with exactly these arguments, or deny it.',
  permission: 'tool:approve',
  concludes: true,
  effect: true,
  params: Exactly({
    approvalId: Uuid,
    decision: Type.Union([Type.Literal('approve'), Type.Literal('deny')]),
    reason: Type.Optional({ ...ShortText, description: 'Told to the caller.' }),
    idempotencyKey: IdempotencyKey,
  }),
  result: Exactly({ approvalId: Uuid, decision: Type.Union([Type.Literal('approve'), Type.Literal('deny')]) }),
  errors: ['not_found', 'permission_denied', 'storage_full'],
});

export const toolProviders = method({
  name: 'tool.providers',
  summary: 'Who has tools that the caller may see, and whether calls go through to them.',
  permission: 'tool:read',
  params: Exactly({}),
  result: Exactly({
    entries: Type.Array(
      Exactly({
        provider: Type.String(),
        available: Type.Boolean(),
        tools: Type.Integer({ description: 'Names of its tools.' }),
        inFlight: Type.Integer(),
        breaker: Exactly({
          state: Type.Union([Type.Literal('closed'), Type.Literal('half-open'), Type.Literal('open')], {
            description: 'closed: calls go through. open: none does for a while. half-open: one may, to find out.',
          }),
          failures: Type.Integer({ description: 'In a row.' }),
          retryAfterMs: Type.Integer(),
        }),
      }),
    ),
  }),
});
