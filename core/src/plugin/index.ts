export { definePlugin, PLUGIN_CONTRACT } from './plugin.js';
export type { AnyPlugin, EmitOptions, Handler, Handlers, Plugin, PluginHost, Started } from './plugin.js';
export { token, tokenName } from './token.js';
export type { Provided, Token } from './token.js';
export { Log } from '../host/log.js';
export type { LogLevel } from '../host/log.js';
export { DataDirectory } from '../host/data-directory.js';
export { IdTable } from '../host/id-table.js';
export type { Chained } from '../host/id-table.js';
export { Clock, Random, Timers } from '../host/time.js';
export type { Timer } from '../host/time.js';
export { Instruments } from '../host/instruments.js';
export type { Counter, GaugeSample, Histogram, InstrumentSnapshot, Labeled } from '../host/instruments.js';
export { Http } from '../host/http.js';
export type { HttpExchange, HttpMount, HttpRefusal, HttpRequest, HttpResponse } from '../host/http.js';
export { SECRET_REFERENCE, Secrets } from '../host/secrets.js';
export { Health } from '../host/health.js';
export type { CheckResult } from '../host/health.js';
export { DAEMON } from '../permissions/principal.js';
export type { Principal } from '../permissions/principal.js';
export { Authorizer } from '../permissions/authorizer.js';
export type { Decision } from '../permissions/authorizer.js';
export { Authentication } from '../permissions/authentication.js';
export type { AuthenticationScheme } from '../permissions/authentication.js';
export { KeyIssuer } from '../permissions/key-issuer.js';
export type { IssuedKey, KeyHolder } from '../permissions/key-issuer.js';
export type { Call } from '../rpc/call.js';
export { RelayedJson } from '../rpc/relayed-json.js';
export { Sessions } from '../rpc/session.js';
export type { Answer, PendingCall, Session, SessionLimits, SubscriptionBatch } from '../rpc/session.js';
export { MethodRegistry } from '../rpc/methods.js';
export { JOURNAL_PREFIX, journalKey, Store } from '../store/store.js';
export type {
  Change,
  ChangeSet,
  Commit,
  CommitResult,
  Entry,
  Finding,
  JsonValue,
  Put,
  RangeOptions,
  RangePage,
  SnapshotManifest,
  StoreState,
  TextEntry,
  VerifyReport,
} from '../store/store.js';
export { checkKey, checkWrittenKeys, compareKeys } from '../store/keys.js';
export { canonicalJson } from '../store/canonical-json.js';
export { eventText, GENESIS, sealRecord } from '../store/record.js';
export type { EventDraft, SealedRecord } from '../store/record.js';
export { JournalChain } from '../store/journal-chain.js';
export type { ChainFault } from '../store/journal-chain.js';
export { verifyJournalExport, verifyRecords } from '../store/verify-journal.js';
export type { JournalVerdict } from '../store/verify-journal.js';
export { Journal } from '../store/journal.js';
export type { JournalEntry, JournalFilter } from '../store/journal.js';
export { Effects } from '../store/effects.js';
export type { Effect } from '../store/effects.js';
export { Agents } from '../agents/agents.js';
export { Contexts } from '../contexts/contexts.js';
export type {
  ContextEntry,
  ContextItemKind,
  ContextPlan,
  EnteredContext,
  ErasedItems,
  ErasureSource,
} from '../contexts/contexts.js';
export { Messages } from '../messages/messages.js';
export { DaemonIdentity } from '../host/daemon-identity.js';
export { Supervisor } from '../supervisor/supervisor.js';
export type {
  Program,
  ProgramLine,
  ProgramSpec,
  ProgramState,
  ProgramStdio,
  ProgramView,
} from '../supervisor/supervisor.js';
export { Tasks } from '../tasks/tasks.js';
export { Cancel, type Cancellation } from '../tools/cancellation.js';
export { Tools } from '../tools/tools.js';
export type {
  JsonObject,
  RefusedDefinition,
  ToolCallRequest,
  ToolDefinition,
  ToolExchange,
  ToolInvocation,
  ToolProvider,
  ToolProviderHandle,
  ToolReply,
  ToolResult,
  ToolSet,
  VisibleTool,
} from '../tools/tools.js';
