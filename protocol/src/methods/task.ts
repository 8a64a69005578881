import { Type } from '../type.js';
import { method } from '../method.js';
import {
  AgentId,
  ContextId,
  Cursor,
  Exactly,
  IdempotencyKey,
  Json,
  Labels,
  Limit,
  Page,
  SkillId,
  Time,
  Traceparent,
  Uuid,
} from '../schemas.js';
import { Recipient } from './message.js';

const DAY = 86_400_000;
const Milliseconds = Type.Integer({ minimum: 1, maximum: 31 * DAY });
const Spend = Type.Number({ minimum: 0, maximum: 1e12 });
const ShortText = Type.String({ maxLength: 512 });

/** Names of errors are identifiers: the journal keeps them for good, so that they have no room for what somebody wrote. */
export const TASK_ERROR_NAME = '^[A-Za-z][A-Za-z0-9_.-]{0,63}$';
const TaskErrorName = Type.String({ pattern: TASK_ERROR_NAME, description: 'An identifier, for programs.' });

/** Life cycle of a task [A2A 1.0]; `submitted` also while it waits for another attempt. */
export const TaskState = Type.Union([
  Type.Literal('submitted'),
  Type.Literal('working'),
  Type.Literal('input-required'),
  Type.Literal('auth-required'),
  Type.Literal('completed'),
  Type.Literal('failed'),
  Type.Literal('canceled'),
  Type.Literal('rejected'),
]);

/** All states of a task, in the order of its life. */
export const TASK_STATES = TaskState.anyOf.map(({ const: state }) => state);

/** How long a task may take. */
export const TimeLimits = Exactly({
  queuedMs: Type.Optional({ ...Milliseconds, description: 'Waiting for an attempt.' }),
  runningMs: Type.Optional({ ...Milliseconds, description: 'One attempt, without the time it waits for input.' }),
  totalMs: Type.Optional({ ...Milliseconds, description: 'From submission to its end.' }),
  heartbeatMs: Type.Optional(
    Type.Integer({
      minimum: 100,
      maximum: DAY,
      description:
        'Between two signs of life about this task; unless said, an open connection of its worker is enough.',
    }),
  ),
});

/** When a failed attempt is followed by another. */
export const RetryPolicy = Exactly({
  maxAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  backoffMs: Type.Optional({
    ...Milliseconds,
    description: 'Before the second attempt; doubles with each further one.',
  }),
  backoffMaxMs: Type.Optional(Milliseconds),
  doNotRetry: Type.Optional(
    Type.Array(TaskErrorName, { maxItems: 32, description: 'Names of errors that end the task.' }),
  ),
});

/** Why an attempt or a task failed. */
export const TaskError = Exactly({
  name: TaskErrorName,
  message: Type.String({ maxLength: 2048 }),
  retryable: Type.Optional(Type.Boolean()),
  data: Type.Optional(Type.Unknown({ description: 'At most 4 KiB as JSON.' })),
});

const status = {
  taskId: Uuid,
  state: TaskState,
  attempt: Type.Integer({ minimum: 0, description: 'Attempts that count; 0 before the first.' }),
  epoch: Type.Integer({
    minimum: 0,
    description: 'Of the latest assignment; what came under an earlier one is stale.',
  }),
  agent: Type.Optional(AgentId),
  updatedAt: Time,
};

/** Where a task is. */
export const TaskStatus = Exactly(status);

/** Something that a worker asked for and has not got yet. */
export const TaskInputRequest = Exactly({
  inputId: Uuid,
  kind: Type.Union([Type.Literal('input'), Type.Literal('auth')]),
  prompt: Json,
  schema: Type.Optional(Type.Unknown({ description: 'JSON Schema of the answer.' })),
});

/** A task as those who are party to it see it. */
export const TaskRecord = Exactly({
  ...status,
  from: Type.String({ description: 'Principal that submitted it.' }),
  to: Recipient,
  title: Type.Optional(Type.String()),
  labels: Type.Optional(Labels),
  contextId: Type.Optional(ContextId),
  correlationId: Type.Optional(Type.String()),
  causationId: Type.Optional(Uuid),
  parentTaskId: Type.Optional(Uuid),
  rootTaskId: Uuid,
  depth: Type.Integer({ description: '0 for a task without a parent.' }),
  children: Type.Integer({ description: 'Sub-tasks that were submitted for it.' }),
  priority: Type.Integer(),
  limits: TimeLimits,
  retry: RetryPolicy,
  createdAt: Time,
  startedAt: Type.Optional(Time),
  endedAt: Type.Optional(Time),
  nextAttemptAt: Type.Optional(Time),
  interrupted: Type.Optional(Type.Boolean({ description: 'The daemon stopped while it was worked on; it goes on.' })),
  progress: Type.Optional(Type.Number()),
  message: Type.Optional(Type.String()),
  error: Type.Optional(TaskError),
  reason: Type.Optional(Type.String()),
  spent: Type.Optional(Type.Number({ description: 'By it and its sub-tasks.' })),
  budget: Type.Optional(Exactly({ spend: Type.Number(), reserved: Type.Number() })),
  inputs: Type.Optional(Type.Array(TaskInputRequest)),
  traceId: Type.Optional(Type.String()),
});

/** What a worker is given with a task. */
export const TaskAssignment = Exactly({
  taskId: Uuid,
  attempt: Type.Integer({ minimum: 1 }),
  epoch: Type.Integer({ minimum: 1, description: 'Goes with everything the worker says about the task.' }),
  leaseMs: Type.Integer({ description: 'Without a sign of life for so long the task goes to another.' }),
  runningMs: Type.Integer({ description: 'What this attempt may take.' }),
  from: Type.String(),
  to: AgentId,
  skill: Type.Optional(SkillId),
  title: Type.Optional(Type.String()),
  labels: Type.Optional(Labels),
  contextId: Type.Optional(ContextId),
  correlationId: Type.Optional(Type.String()),
  parentTaskId: Type.Optional(Uuid),
  rootTaskId: Uuid,
  depth: Type.Integer(),
  budget: Type.Optional(Exactly({ spend: Type.Number(), reserved: Type.Number() })),
  spent: Type.Optional(Type.Number()),
  traceparent: Traceparent,
});

const Assigned = { taskId: Uuid, epoch: Type.Integer({ minimum: 1 }) };
const heldErrors = ['task_not_found', 'stale_attempt', 'task_state', 'storage_full'] as const;

export const taskSubmit = method({
  name: 'task.submit',
  summary:
    'Have work done by an agent, or by whichever agent has a skill; it survives restarts and ends in one outcome.',
  permission: 'task:submit',
  effect: true,
  relayed: 'input',
  params: Exactly({
    to: Recipient,
    input: Json,
    title: Type.Optional(Type.String({ maxLength: 256 })),
    labels: Type.Optional(Labels),
    contextId: Type.Optional(ContextId),
    correlationId: Type.Optional(Type.String({ maxLength: 128 })),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9, default: 4, description: '9 goes first.' })),
    limits: Type.Optional(TimeLimits),
    retry: Type.Optional(RetryPolicy),
    budget: Type.Optional(Exactly({ spend: Spend })),
    causationId: Type.Optional({ ...Uuid, description: 'The message or task because of which it is submitted.' }),
    parentTaskId: Type.Optional(Uuid),
    parentEpoch: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Epoch under which the caller works on the parent; fences a stale one.',
      }),
    ),
    fanOut: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'Sub-tasks that it may have.' })),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: TaskStatus,
  errors: [
    'agent_not_found',
    'no_agent_for_skill',
    'inbox_full',
    'task_not_found',
    'task_state',
    'stale_attempt',
    'hop_limit',
    'fan_out_limit',
    'not_found',
    'permission_denied',
    'context_closed',
    'budget_exceeded',
    'conflict',
    'limit_exceeded',
    'storage_full',
  ],
});

export const taskExplain = method({
  name: 'task.explain',
  summary: 'Why a task is where it is: what it waits for, until when, who has it, and of whom each why not.',
  permission: 'task:read',
  params: Exactly({ taskId: Uuid }),
  result: Exactly({
    task: TaskStatus,
    waitsFor: Type.Union(
      [
        Type.Literal('agent'),
        Type.Literal('nextAttempt'),
        Type.Literal('result'),
        Type.Literal('input'),
        Type.Literal('auth'),
        Type.Literal('nothing'),
      ],
      {
        description:
          'agent: one that takes it. nextAttempt: the time of that. result: its worker. input, auth: somebody who answers. nothing: it has ended.',
      },
    ),
    until: Type.Optional({ ...Time, description: 'When it has waited too long; of an attempt, when that may begin.' }),
    attempts: Exactly({ used: Type.Integer(), most: Type.Integer() }),
    error: Type.Optional(Type.String({ description: 'Name of the error that the last attempt ended with.' })),
    lease: Type.Optional(
      Exactly({
        agent: AgentId,
        epoch: Type.Integer(),
        connected: Type.Boolean({
          description: 'An open connection keeps the lease, unless the task wants heartbeats.',
        }),
        expiresAt: Time,
      }),
    ),
    waiting: Type.Optional(Type.Integer({ description: 'Tasks that wait for the same, this one among them.' })),
    candidates: Type.Array(
      Exactly({
        agent: AgentId,
        eligible: Type.Boolean(),
        reasons: Type.Array(Type.String(), { description: 'Why it does not get the task now.' }),
        load: Type.Integer({ description: 'Tasks that it works on.' }),
      }),
      { description: 'At most 100 of those that the caller may see; none once it is assigned.' },
    ),
  }),
  errors: ['task_not_found'],
});

const Part = Type.Union([Type.Literal('input'), Type.Literal('result'), Type.Literal('artifacts')]);

/** One of a task's artifacts, without its content. */
export const TaskArtifact = Exactly({
  artifactId: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  name: Type.Optional(Type.String()),
  contentType: Type.Optional(Type.String()),
  encoding: Type.Union([Type.Literal('json'), Type.Literal('text'), Type.Literal('base64')]),
  chunks: Type.Integer(),
  bytes: Type.Integer(),
  complete: Type.Boolean(),
  attempt: Type.Integer(),
});

export const taskGet = method({
  name: 'task.get',
  summary: 'A task that the caller is party to, on request with its input, result and artifacts.',
  permission: 'task:read',
  params: Exactly({ taskId: Uuid, include: Type.Optional(Type.Array(Part, { maxItems: 3 })) }),
  result: Exactly({
    task: TaskRecord,
    input: Type.Optional(Json),
    output: Type.Optional(Json),
    artifacts: Type.Optional(Type.Array(TaskArtifact)),
  }),
  errors: ['task_not_found'],
});

export const taskList = method({
  name: 'task.list',
  summary: 'Tasks that the caller is party to, newest first; a page may have fewer than its limit and still a cursor.',
  permission: 'task:read',
  params: Exactly({
    state: Type.Optional(TaskState),
    agent: Type.Optional(AgentId),
    contextId: Type.Optional(ContextId),
    parentTaskId: Type.Optional(Uuid),
    mine: Type.Optional(Type.Boolean({ description: 'Only those that the caller submitted.' })),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  }),
  result: Page(TaskRecord),
});

export const taskCancel = method({
  name: 'task.cancel',
  summary: 'End a task and, unless said otherwise, its sub-tasks; who works on it is told.',
  permission: 'task:submit',
  effect: true,
  params: Exactly({
    taskId: Uuid,
    reason: Type.Optional(ShortText),
    cascade: Type.Optional(Type.Boolean({ default: true })),
    idempotencyKey: IdempotencyKey,
  }),
  result: TaskStatus,
  errors: ['task_not_found', 'task_state', 'storage_full'],
});

/** One thing that happened to a task, numbered from 1 without gaps. */
export const TaskEvent = Exactly({
  event: Type.Integer({ minimum: 1 }),
  at: Time,
  type: Type.Union([
    Type.Literal('status'),
    Type.Literal('progress'),
    Type.Literal('artifact'),
    Type.Literal('input'),
    Type.Literal('attemptFailed'),
    Type.Literal('lateResult'),
  ]),
  attempt: Type.Integer(),
  state: Type.Optional(TaskState),
  final: Type.Optional(Type.Boolean({ description: 'The last event of the course of the task.' })),
  agent: Type.Optional(AgentId),
  reason: Type.Optional(Type.String()),
  error: Type.Optional(TaskError),
  nextAttemptAt: Type.Optional(Time),
  progress: Type.Optional(Type.Number()),
  message: Type.Optional(Type.String()),
  spend: Type.Optional(Type.Number()),
  artifactId: Type.Optional(Type.String()),
  version: Type.Optional(Type.Integer()),
  chunk: Type.Optional(Type.Integer()),
  last: Type.Optional(Type.Boolean()),
  bytes: Type.Optional(Type.Integer()),
  inputId: Type.Optional(Uuid),
  kind: Type.Optional(Type.String()),
  ranMs: Type.Optional(Type.Integer({ description: 'How long the attempt that this ends was worked on.' })),
  epoch: Type.Optional(Type.Integer({ description: 'Under which a late result came.' })),
  contentHash: Type.Optional(Type.String({ description: 'sha256 of what came late, hex.' })),
});

export const taskWatch = method({
  name: 'task.watch',
  summary: 'Follow a task on this connection; entries come as subscription.events, each a TaskEvent, each once.',
  permission: 'task:read',
  params: Exactly({
    taskId: Uuid,
    after: Type.Optional(Cursor),
    fromStart: Type.Optional(Type.Boolean({ description: 'From the first event; from now on unless said.' })),
  }),
  result: Exactly({ subscriptionId: Uuid, cursor: Cursor, task: TaskRecord }),
  errors: ['task_not_found', 'cursor_expired', 'limit_exceeded'],
});

export const taskRespond = method({
  name: 'task.respond',
  summary: 'Give a worker the input that it asked for.',
  permission: 'task:submit',
  effect: true,
  relayed: 'payload',
  params: Exactly({ taskId: Uuid, inputId: Uuid, payload: Json, idempotencyKey: IdempotencyKey }),
  result: TaskStatus,
  errors: ['task_not_found', 'task_state', 'not_found', 'storage_full'],
});

export const taskOpen = method({
  name: 'task.open',
  summary: 'Take task.assign calls for an agent that this connection owns, from now on.',
  permission: 'task:work',
  params: Exactly({
    agentId: AgentId,
    window: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 32, description: 'Tasks at a time.' })),
  }),
  result: Exactly({ window: Type.Integer() }),
  errors: ['agent_not_found', 'stale_epoch', 'limit_exceeded'],
});

export const taskClose = method({
  name: 'task.close',
  summary: 'Take no more task.assign calls for an agent; what it works on stays with it.',
  permission: 'task:work',
  params: Exactly({ agentId: AgentId }),
  result: Exactly({ held: Type.Integer({ description: 'Tasks it still works on.' }) }),
  errors: ['agent_not_found', 'stale_epoch'],
});

/** To a worker: a task. The result is null when it was accepted, or `{ output }` when it is done already. An error fails the attempt. */
export const taskAssign = method({
  name: 'task.assign',
  summary: 'A task to work on; the result is null, or {"output"} when it is done.',
  permission: 'public',
  answeredBy: 'client',
  relayed: 'input',
  params: Exactly({ task: TaskAssignment, input: Json }),
  result: Type.Union([Type.Null(), Exactly({ output: Type.Optional(Json) })]),
});

export const taskPull = method({
  name: 'task.pull',
  summary: 'Tasks for an agent of the caller, for workers that only call; each must be heard of within its lease.',
  permission: 'task:work',
  params: Exactly({
    agentId: AgentId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 1 })),
    waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 30_000, default: 0 })),
  }),
  result: Exactly({ tasks: Type.Array(Exactly({ task: TaskAssignment, input: Json })) }),
  errors: ['agent_not_found', 'too_many_pending', 'storage_full'],
});

export const taskHeartbeat = method({
  name: 'task.heartbeat',
  summary: 'Renew the lease of a task that the caller works on, also on another connection than it came by.',
  permission: 'task:work',
  concludes: true,
  params: Exactly(Assigned),
  result: Exactly({
    leaseExpiresAt: Type.Optional(Time),
    cancelRequested: Type.Boolean(),
    inputs: Type.Array(Exactly({ inputId: Uuid, payload: Json }), {
      description: 'Answers to what it asked for, until it goes on.',
    }),
  }),
  errors: ['task_not_found', 'stale_attempt'],
});

export const taskProgress = method({
  name: 'task.progress',
  summary: 'Say how far a task is, and what this attempt has spent so far.',
  permission: 'task:work',
  concludes: true,
  params: Exactly({
    ...Assigned,
    progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    message: Type.Optional(Type.String({ maxLength: 2048 })),
    spend: Type.Optional(Spend),
  }),
  result: TaskStatus,
  errors: [...heldErrors, 'budget_exceeded', 'limit_exceeded'],
});

const ArtifactId = Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9._~-]{0,127}$', maxLength: 128 });
const Encoding = Type.Union([Type.Literal('json'), Type.Literal('text'), Type.Literal('base64')]);

export const taskArtifact = method({
  name: 'task.artifact',
  summary: 'Add one chunk to an artifact, in order; what is larger than a frame comes in several.',
  permission: 'task:work',
  concludes: true,
  relayed: 'data',
  params: Exactly({
    ...Assigned,
    artifactId: ArtifactId,
    name: Type.Optional(Type.String({ maxLength: 256 })),
    contentType: Type.Optional(Type.String({ maxLength: 128 })),
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The latest unless said; the next one begins anew.' }),
    ),
    chunk: Type.Integer({ minimum: 0, description: 'From 0; a chunk that was added already may be sent again.' }),
    last: Type.Boolean(),
    encoding: Encoding,
    data: Json,
  }),
  result: Exactly({ version: Type.Integer(), chunks: Type.Integer(), bytes: Type.Integer() }),
  errors: [...heldErrors, 'conflict', 'limit_exceeded'],
});

export const taskReadArtifact = method({
  name: 'task.readArtifact',
  summary: 'One chunk of an artifact.',
  permission: 'task:read',
  params: Exactly({
    taskId: Uuid,
    artifactId: ArtifactId,
    version: Type.Optional(Type.Integer({ minimum: 1, description: 'The latest unless said.' })),
    chunk: Type.Integer({ minimum: 0 }),
  }),
  result: Exactly({ version: Type.Integer(), encoding: Encoding, last: Type.Boolean(), data: Json }),
  errors: ['task_not_found', 'not_found'],
});

export const taskNeedInput = method({
  name: 'task.needInput',
  summary: 'Ask whoever wants the task done for input, or for an authorization; the answer comes as task.input.',
  permission: 'task:work',
  effect: true,
  params: Exactly({
    ...Assigned,
    kind: Type.Union([Type.Literal('input'), Type.Literal('auth')]),
    prompt: Json,
    schema: Type.Optional(Type.Unknown({ description: 'JSON Schema of the answer, at most 16 KiB with the prompt.' })),
    idempotencyKey: IdempotencyKey,
  }),
  result: Exactly({ inputId: Uuid }),
  errors: [...heldErrors, 'limit_exceeded'],
});

/** To a worker: the input that it asked for. */
export const taskInput = method({
  name: 'task.input',
  summary: 'The input that the worker asked for.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  relayed: 'payload',
  params: Exactly({ ...Assigned, inputId: Uuid, payload: Json }),
  result: Type.Null(),
});

/** To a worker: the task is over or another's, stop. */
export const taskCanceled = method({
  name: 'task.canceled',
  summary: 'A task is no longer to be worked on.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  params: Exactly({ ...Assigned, reason: Type.String() }),
  result: Type.Null(),
});

export const taskComplete = method({
  name: 'task.complete',
  summary: 'A task is done.',
  permission: 'task:work',
  concludes: true,
  effect: true,
  relayed: 'output',
  params: Exactly({ ...Assigned, output: Type.Optional(Json), idempotencyKey: IdempotencyKey }),
  result: TaskStatus,
  errors: [...heldErrors],
});

export const taskFail = method({
  name: 'task.fail',
  summary: 'An attempt failed; the task is retried by its policy, unless the error is not to be.',
  permission: 'task:work',
  concludes: true,
  effect: true,
  params: Exactly({ ...Assigned, error: TaskError, idempotencyKey: IdempotencyKey }),
  result: TaskStatus,
  errors: [...heldErrors, 'limit_exceeded'],
});

export const taskReject = method({
  name: 'task.reject',
  summary: 'The worker will not do this task, nor should another.',
  permission: 'task:work',
  concludes: true,
  effect: true,
  params: Exactly({ ...Assigned, reason: ShortText, idempotencyKey: IdempotencyKey }),
  result: TaskStatus,
  errors: [...heldErrors],
});
