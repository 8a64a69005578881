import { Type } from '../type.js';
import { event } from '../event.js';
import { Exactly } from '../schemas.js';

export { mcpConnected, mcpDisconnected, mcpFailed, mcpNegotiated } from './mcp.js';
export {
  messageAccepted,
  messageAttemptFailed,
  messageDiscarded,
  messageRedelivered,
  messageSettled,
} from './message.js';
export {
  toolApprovalDecided,
  toolApprovalExpired,
  toolApprovalRequested,
  toolCalled,
  toolDenied,
} from './tool-call.js';
export {
  toolApproved,
  toolChanged,
  toolDeprecated,
  toolQuarantined,
  toolRefused,
  toolRegistered,
  toolRejected,
  toolRemoved,
  toolRestored,
  toolReturned,
  toolWithdrawn,
} from './tool-registry.js';

const Epoch = Type.Integer();

export const agentRegistered = event({
  name: 'agent.registered',
  summary: 'An agent came into the registry, or its card was replaced.',
  details: Exactly({ agentId: Type.String(), version: Type.String(), skills: Type.Array(Type.String()), epoch: Epoch }),
});
export const agentStateChanged = event({
  name: 'agent.stateChanged',
  summary: 'An agent changed its life cycle state.',
  details: Exactly({
    agentId: Type.String(),
    from: Type.String(),
    to: Type.String(),
    epoch: Epoch,
    reason: Type.Optional(Type.String()),
  }),
});
export const agentTakenOver = event({
  name: 'agent.takenOver',
  summary: 'Another session of the same principal took an agent over.',
  details: Exactly({ agentId: Type.String(), epoch: Epoch }),
});
export const agentDeregistered = event({
  name: 'agent.deregistered',
  summary: 'An agent left the registry.',
  details: Exactly({ agentId: Type.String(), epoch: Epoch }),
});
export const permissionDenied = event({
  name: 'permission.denied',
  summary: 'A call was refused by the authorizer, or an agent id was claimed that belongs to somebody else.',
  details: Exactly({
    permission: Type.String(),
    method: Type.String(),
    count: Type.Optional(Type.Integer({ description: 'Refusals that this record stands for; 1 unless said.' })),
  }),
});
export const keyCreated = event({
  name: 'key.created',
  summary: 'An API key was made.',
  details: Exactly({ keyId: Type.String(), principal: Type.String(), roles: Type.Array(Type.String()) }),
});
export const keyRotated = event({
  name: 'key.rotated',
  summary: 'An API key got a new secret.',
  details: Exactly({ keyId: Type.String() }),
});
export const keyRevoked = event({
  name: 'key.revoked',
  summary: 'An API key was ended.',
  details: Exactly({ keyId: Type.String() }),
});
export const daemonStarted = event({
  name: 'daemon.started',
  summary: 'The daemon became ready.',
  details: Exactly({ version: Type.String(), plugins: Type.Array(Type.String()) }),
});
export const daemonStopped = event({
  name: 'daemon.stopped',
  summary: 'The daemon stopped in order.',
  details: Exactly({ reason: Type.String() }),
});
export const programChanged = event({
  name: 'program.changed',
  summary: 'A program that the daemon runs started, stopped or was given up.',
  details: Exactly({ name: Type.String(), state: Type.String(), reason: Type.Optional(Type.String()) }),
});
export const logLevelChanged = event({
  name: 'daemon.logLevelChanged',
  summary: 'The log level was changed while running.',
  details: Exactly({ level: Type.String(), logger: Type.Optional(Type.String()) }),
});

const McpServer = {
  server: Type.String(),
  /** Of the whole configuration, so that the record tells one from another without holding either. */
  configHash: Type.String({ description: 'SHA-256 of its configuration.' }),
};
export const mcpAdded = event({
  name: 'mcp.added',
  summary: 'An MCP server was put behind the daemon.',
  details: Exactly(McpServer),
});
export const mcpChanged = event({
  name: 'mcp.changed',
  summary: 'An MCP server got another configuration.',
  details: Exactly(McpServer),
});
export const mcpRemoved = event({
  name: 'mcp.removed',
  summary: 'An MCP server was removed.',
  details: Exactly({ server: Type.String() }),
});
export const mcpRestarted = event({
  name: 'mcp.restarted',
  summary: 'Somebody restarted an MCP server.',
  details: Exactly({ server: Type.String() }),
});
export const mcpAuthorized = event({
  name: 'mcp.authorized',
  summary: 'A person authorized the daemon at an MCP server.',
  details: Exactly({
    server: Type.String(),
    issuer: Type.String(),
    principal: Type.Optional(Type.String({ description: 'Whose authorization it is, where it is not that of all.' })),
  }),
});
export const mcpDeauthorized = event({
  name: 'mcp.deauthorized',
  summary: 'Somebody withdrew an authorization at an MCP server; mcp.revoked says what became of its tokens.',
  details: Exactly({
    server: Type.String(),
    issuer: Type.String(),
    principal: Type.Optional(Type.String({ description: 'Whose authorization it was, where it was not that of all.' })),
  }),
});
export const mcpRevoked = event({
  name: 'mcp.revoked',
  summary:
    'Tokens of an MCP server that is gone, or of an authorization that was withdrawn, were revoked at its authorization server, where that could be done, and erased.',
  details: Exactly({
    server: Type.String(),
    revoked: Type.Integer({ minimum: 0, description: 'Authorizations whose tokens were revoked.' }),
    unrevoked: Type.Integer({ minimum: 0, description: 'Those that could not be, and end by themselves.' }),
    reason: Type.Optional(Type.String({ description: 'Why the first of those could not be.' })),
  }),
});
export const mcpImported = event({
  name: 'mcp.imported',
  summary: 'Servers of a client’s configuration were put behind the daemon.',
  details: Exactly({ servers: Type.Array(Type.String()), digest: Type.String() }),
});

const ContextRef = { contextId: Type.String() };
const Who = Type.String({ description: 'agent/ID or principal/ID.' });
export const contextCreated = event({
  name: 'context.created',
  summary: 'A conversation began.',
  details: Exactly({ ...ContextRef, turns: Type.String(), participants: Type.Array(Who) }),
});
export const contextJoined = event({
  name: 'context.joined',
  summary: 'Somebody takes part in a context, or has another role in it.',
  details: Exactly({ ...ContextRef, participant: Who, role: Type.String() }),
});
export const contextLeft = event({
  name: 'context.left',
  summary: 'Somebody takes part no longer.',
  details: Exactly({ ...ContextRef, participant: Who, removed: Type.Boolean() }),
});
export const contextUpdated = event({
  name: 'context.updated',
  summary: 'Settings of a context were changed.',
  details: Exactly({ ...ContextRef, changed: Type.Array(Type.String()) }),
});
export const contextClosed = event({
  name: 'context.closed',
  summary: 'A context takes no more entries.',
  details: Exactly({ ...ContextRef, entries: Type.Integer() }),
});
export const contextAppended = event({
  name: 'context.appended',
  summary: 'Somebody said something in a context.',
  details: Exactly({
    ...ContextRef,
    entry: Type.Integer(),
    agent: Type.Optional(Type.String()),
    bytes: Type.Integer(),
  }),
});
export const contextSummarized = event({
  name: 'context.summarized',
  summary: 'A summary stands for the entries up to one.',
  details: Exactly({ ...ContextRef, entry: Type.Integer(), upTo: Type.Integer(), bytes: Type.Integer() }),
});
export const contextTurnPassed = event({
  name: 'context.turnPassed',
  summary: 'The turn to speak went on without its holder having spoken.',
  details: Exactly({ ...ContextRef, from: Type.Optional(Who), to: Type.Optional(Who), reason: Type.String() }),
});
export const contextExported = event({
  name: 'context.exported',
  summary: 'Somebody began to export a context.',
  details: Exactly({ ...ContextRef, entries: Type.Integer() }),
});
export const contextErasing = event({
  name: 'context.erasing',
  summary: 'The erasure of a context began; it takes no more entries.',
  details: Exactly({ ...ContextRef, reason: Type.Optional(Type.String()) }),
});
export const contextErased = event({
  name: 'context.erased',
  summary: 'The content of a context is in no file of the store any more.',
  details: Exactly({
    ...ContextRef,
    entries: Type.Integer(),
    messages: Type.Integer(),
    tasks: Type.Integer(),
    state: Type.Integer(),
    bytes: Type.Integer(),
  }),
});
export const contextTrimmed = event({
  name: 'context.trimmed',
  summary: 'Entries whose retention has ended were deleted.',
  details: Exactly({ ...ContextRef, upTo: Type.Integer(), entries: Type.Integer() }),
});

/** What every event of a task says. */
const OfTask = {
  attempt: Type.Integer(),
  agent: Type.Optional(Type.String()),
  parentTaskId: Type.Optional(Type.String()),
  contextId: Type.Optional(Type.String()),
};
const ErrorNameOf = Type.Optional(Type.String({ description: 'Name of the error.' }));

export const taskSubmitted = event({
  name: 'task.submitted',
  summary: 'A task was accepted.',
  details: Exactly({
    ...OfTask,
    toAgent: Type.Optional(Type.String()),
    toSkill: Type.Optional(Type.String()),
    causationId: Type.Optional(Type.String()),
    rootTaskId: Type.Optional(Type.String()),
    depth: Type.Integer(),
    inputBytes: Type.Integer(),
  }),
});
export const taskAssigned = event({
  name: 'task.assigned',
  summary: 'A worker has a task under a lease.',
  details: Exactly({ ...OfTask, epoch: Epoch }),
});
export const taskAttemptFailed = event({
  name: 'task.attemptFailed',
  summary: 'An attempt of a task failed; it waits for another.',
  details: Exactly({ ...OfTask, error: ErrorNameOf, nextAttemptAt: Type.Optional(Type.String()) }),
});
export const taskInterrupted = event({
  name: 'task.interrupted',
  summary: 'A task was taken back from its worker through no fault of either; it goes on.',
  details: Exactly({ ...OfTask, reason: Type.String() }),
});
export const taskCompleted = event({
  name: 'task.completed',
  summary: 'A task is done.',
  details: Exactly({ ...OfTask, outputBytes: Type.Integer() }),
});
export const taskFailed = event({
  name: 'task.failed',
  summary: 'A task has failed for good.',
  details: Exactly({
    ...OfTask,
    error: ErrorNameOf,
    deadLetter: Type.Optional(Type.Boolean({ description: 'Its attempts are used up.' })),
  }),
});
export const taskCanceled = event({
  name: 'task.canceled',
  summary: 'A task was canceled.',
  details: Exactly({ ...OfTask, cascade: Type.Optional(Type.Boolean({ description: 'Its sub-tasks too.' })) }),
});
export const taskRejected = event({
  name: 'task.rejected',
  summary: 'The worker of a task will not do it.',
  details: Exactly(OfTask),
});
export const taskInputRequired = event({
  name: 'task.inputRequired',
  summary: 'The worker of a task asked for input.',
  details: Exactly({ ...OfTask, inputId: Type.String(), kind: Type.String() }),
});
export const taskInputGiven = event({
  name: 'task.inputGiven',
  summary: 'The worker of a task got the input that it asked for.',
  details: Exactly({ ...OfTask, inputId: Type.String() }),
});
export const taskArtifactAdded = event({
  name: 'task.artifactAdded',
  summary: 'A version of an artifact is complete.',
  details: Exactly({
    ...OfTask,
    artifactId: Type.String(),
    version: Type.Integer(),
    chunks: Type.Integer(),
    bytes: Type.Integer(),
  }),
});
export const taskLateResult = event({
  name: 'task.lateResult',
  summary: 'A result came of an attempt that was over; it was refused.',
  details: Exactly({ ...OfTask, epoch: Epoch, result: Type.String() }),
});
export const taskRedelivered = event({
  name: 'task.redelivered',
  summary: 'A task whose attempts were used up was submitted once more.',
  details: Exactly({ ...OfTask, as: Type.String({ description: 'Id of the new task.' }) }),
});
export const taskDiscarded = event({
  name: 'task.discarded',
  summary: 'A task whose attempts were used up was given up.',
  details: Exactly(OfTask),
});
const Document = Type.String({ description: 'For example agent/echo.' });
const FieldNames = Type.Array(Type.String(), { description: 'At most 32 of them.' });
const StateRevision = Type.Integer();

export const stateWritten = event({
  name: 'state.written',
  summary: 'Fields of a document were written.',
  details: Exactly({ document: Document, fields: FieldNames, revision: StateRevision, outcome: Type.String() }),
});
export const stateConflicted = event({
  name: 'state.conflicted',
  summary: 'Two writes to a field did not know of each other, and both are kept until somebody decides.',
  details: Exactly({ document: Document, fields: FieldNames, revision: StateRevision }),
});
export const stateSynchronized = event({
  name: 'state.synchronized',
  summary: 'What a replica changed on its own was merged.',
  details: Exactly({
    document: Document,
    replica: Type.String(),
    fields: FieldNames,
    revision: StateRevision,
    outcomes: Type.Record(Type.String(), Type.Integer(), { description: 'How many changes became what.' }),
  }),
});
export const stateResolved = event({
  name: 'state.resolved',
  summary: 'Somebody decided a conflict.',
  details: Exactly({ document: Document, fields: FieldNames, revision: StateRevision }),
});
export const stateDefined = event({
  name: 'state.defined',
  summary: 'Schemas or merge rules of a document were set.',
  details: Exactly({ document: Document, fields: FieldNames, revision: StateRevision }),
});
export const stateRefused = event({
  name: 'state.refused',
  summary: 'Writes to a document were refused: not valid, in conflict, or past a limit.',
  details: Exactly({
    document: Document,
    reason: Type.String({ description: 'Name of the error.' }),
    count: Type.Integer({ description: 'Refusals that this record stands for.' }),
  }),
});
