export { connect } from './node-connect.js';
export type { ConnectOptions } from './connect.js';
export { Agent } from './agent.js';
export type { AgentEnd, AgentOptions, AgentRecord } from './agent.js';
export type { CallOptions } from './calls.js';
export { Client } from './client.js';
export type { ClientOptions } from './client-options.js';
export { ConnectionError } from './connection-error.js';
export type { ConnectionFailure } from './connection-error.js';
export type { IncomingCall } from './incoming-calls.js';
export { Context } from './context.js';
export type { AppendOptions, ContextRecord, CreateContextOptions, ReadOptions, TranscriptEntry } from './context.js';
export { DurableMessage } from './durable-message.js';
export type { DurableEnvelope } from './durable-message.js';
export type { HandlesMessages, MessageOptions } from './inbox.js';
export { Sent } from './sent.js';
export type { Receipt, SendOptions, SendTo } from './sent.js';
export { AssignedTask, TaskRejection } from './assigned-task.js';
export type {
  ArtifactContent,
  ArtifactOptions,
  ArtifactSize,
  NeedInputOptions,
  TaskAssignment,
} from './assigned-task.js';
export { ArtifactReader } from './artifact-reader.js';
export { Task, TaskFailure } from './task.js';
export type { SubmitOptions, TaskEvent, TaskRecord, TaskStatus } from './task.js';
export { Message } from './message.js';
export type { Answer, Envelope, Recipient, RequestOptions } from './message.js';
export { CLIENT_DEFAULTS } from './options.js';
export type { ClientLimits } from './options.js';
export type { AgentCard, HasHandler, Skill, Skills } from './skill.js';
export { Replica } from './replica.js';
export type { ChangeOutcome, ReplicaOptions, SavedReplica, StateField, Synchronized } from './replica.js';
export type { PendingChange, StateOperation } from './replica-operation.js';
export { State } from './state.js';
export type { StateChange, StateDocument, StateOf, StatePatch, WriteOptions } from './state.js';
export { Synchronization } from './synchronization.js';
export type { SynchronizeOptions } from './synchronization.js';
export type { ConnectionState, SessionView } from './status.js';
export { Subscription } from './subscription.js';
export type { JournalRecord } from './subscription.js';
export type { SubscribeParams } from './subscriptions.js';
export type { Time, Timer } from './time.js';
export type { StandardWebSocket, StandardWebSocketConstructor } from './web-sockets.js';
export type { AgentTool, AgentTools, OfferedTools } from './agent-tool.js';
export type { ToolCallOptions, ToolProgress, ToolResult } from './tool-caller.js';
export { ToolWork } from './tool-work.js';
export type { ToolInvocation } from './tool-work.js';
export type { Work } from './work.js';
export { OrchestratorError } from '../error.js';
export type { ErrorData, ErrorName } from '../error.js';
