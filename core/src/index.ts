import 'reflect-metadata';

export { PLUGIN_CONTRACT } from './plugin/plugin.js';
export { boot } from './plugin/boot.js';
export type { BootOptions } from './plugin/boot.js';
export { BootError } from './plugin/boot-error.js';
export type { PluginProblem } from './plugin/boot-error.js';
export type { Booted, PluginStatus, StopReport } from './plugin/booted.js';
export type { LoadedPlugin, PluginEntry, UnloadablePlugin } from './plugin/entry.js';
export { loadPlugins } from './plugin/load.js';
export type { LoadOptions, PluginSource } from './plugin/load.js';
export { DEFAULT_LOOP_WATCH, LoopWatch, LoopWatchOptions } from './plugin/loop-watch.js';
export { PLUGIN_LIMITS } from './plugin/plugin-generation.js';
export type { PluginLimits, PluginSurroundings } from './plugin/plugin-generation.js';
export { SystemClock } from './host/system-clock.js';
export { SystemTimers } from './host/system-timers.js';
export { SystemRandom } from './host/system-random.js';
export { HealthChecks } from './host/health-checks.js';
export { DEFAULT_INSTRUMENT_LIMITS, InMemoryInstruments, InstrumentLimits } from './host/in-memory-instruments.js';
export { DEFAULT_LOOP_LAG, LoopLag, LoopLagOptions } from './host/loop-lag.js';
export type { Lag } from './host/loop-lag.js';
export { DEFAULT_RATE_LIMITS, RateLimiter, RateLimits, TokenBuckets } from './rpc/rate-limit.js';
export type { Rate } from './rpc/rate-limit.js';
export { AccessRules, checkRules, DEFAULT_ACCESS_RULES } from './permissions/access-rules.js';
export type { Forbid } from './permissions/access-rules.js';
export { DENIAL_DEFAULTS, DenialLimits, DenialRecords } from './permissions/denial-records.js';
export { RoleAuthorizer } from './permissions/role-authorizer.js';
export {
  AuthenticationLimits,
  AuthenticationRegistry,
  DEFAULT_AUTHENTICATION_LIMITS,
} from './permissions/authentication-registry.js';
export type { FailureLimits } from './permissions/failure-limiter.js';
export { corePlugin } from './core-plugin.js';
export type { CoreLimits } from './core-part.js';
export { AGENT_LIMITS, AgentLimits } from './agents/agent-limits.js';
export { CONTEXT_LIMITS, ContextLimits } from './contexts/context-limits.js';
export { MESSAGE_LIMITS, MessageLimits } from './messages/message-limits.js';
export { EFFECT_LIMITS, EffectLimits } from './store/stored-effects.js';
export { DaemonIdentity } from './host/daemon-identity.js';
export { JournalView } from './store/journal-view.js';
export { ProcessSupervisor } from './supervisor/process-supervisor.js';
export { DEFAULT_SUPERVISOR_OPTIONS, SupervisorOptions } from './supervisor/supervisor-options.js';
export { CLOSE } from './rpc/close-codes.js';
export { Dispatcher } from './rpc/dispatcher.js';
export type { Denial } from './rpc/dispatcher.js';
export { JsonRpcSession } from './rpc/json-rpc-session.js';
export { RPC_DEFAULTS, RpcLimits } from './rpc/limits.js';
export { Responder } from './rpc/respond.js';
export { RpcMeters } from './rpc/rpc-meters.js';
export { SessionRegistry } from './rpc/session-registry.js';
export { addConnectionMethods } from './rpc/connection-methods.js';
export { TimingWheel } from './rpc/timing-wheel.js';
export type { Transport, TransportListener } from './rpc/transport.js';
export { compileSchema } from './rpc/validate.js';
export type { Validate } from './rpc/validate.js';
export { coreContainer, SERVICES_OF_CORE } from './container.js';
export type { CoreSettings } from './container.js';
