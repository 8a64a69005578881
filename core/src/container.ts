import { container as root, instanceCachingFactory, type DependencyContainer } from 'tsyringe';
import { AgentOwners, MemoryAgentOwners } from './agents/agent-owners.js';
import { DaemonIdentity } from './host/daemon-identity.js';
import { DataDirectory } from './host/data-directory.js';
import { Health } from './host/health.js';
import { HealthChecks } from './host/health-checks.js';
import { InMemoryInstruments, InstrumentLimits } from './host/in-memory-instruments.js';
import { Instruments } from './host/instruments.js';
import { Log } from './host/log.js';
import { LoopLag, LoopLagOptions } from './host/loop-lag.js';
import { SystemClock } from './host/system-clock.js';
import { SystemRandom } from './host/system-random.js';
import { SystemTimers } from './host/system-timers.js';
import { Clock, Random, Timers } from './host/time.js';
import { AccessRules } from './permissions/access-rules.js';
import { Authentication } from './permissions/authentication.js';
import { AuthenticationLimits, AuthenticationRegistry } from './permissions/authentication-registry.js';
import { Authorizer } from './permissions/authorizer.js';
import { RoleAuthorizer } from './permissions/role-authorizer.js';
import { Dispatcher } from './rpc/dispatcher.js';
import { RpcLimits } from './rpc/limits.js';
import { MethodRegistry } from './rpc/methods.js';
import { RateLimiter, RateLimits, TokenBuckets } from './rpc/rate-limit.js';
import { Responder } from './rpc/respond.js';
import { RpcMeters } from './rpc/rpc-meters.js';
import { Sessions } from './rpc/session.js';
import { SessionRegistry } from './rpc/session-registry.js';
import { ProcessSupervisor } from './supervisor/process-supervisor.js';
import { SupervisorOptions } from './supervisor/supervisor-options.js';
import { Supervisor } from './supervisor/supervisor.js';
import { RuleToolAccess } from './tools/rule-tool-access.js';
import { ToolAccess } from './tools/tool-access.js';
import { ToolRules } from './tools/tool-rules.js';

/** What the core is composed with: who it is, and every bound. */
export interface CoreSettings {
  readonly log: Log;
  readonly identity: DaemonIdentity;
  readonly dataDirectory: DataDirectory;
  readonly accessRules: AccessRules;
  readonly toolRules: ToolRules;
  readonly instruments: InstrumentLimits;
  readonly loopLag: LoopLagOptions;
  readonly authentication: AuthenticationLimits;
  readonly rates: RateLimits;
  readonly rpc: RpcLimits;
  readonly supervisor: SupervisorOptions;
}

/** Composes the core: one container a daemon, everything in it made when it is first asked for, and once. */
export function coreContainer(settings: CoreSettings): DependencyContainer {
  const container = root.createChildContainer();
  container.registerInstance(Log, settings.log);
  container.registerInstance(DaemonIdentity, settings.identity);
  container.registerInstance(DataDirectory, settings.dataDirectory);
  container.registerInstance(AccessRules, settings.accessRules);
  container.registerInstance(ToolRules, settings.toolRules);
  container.registerInstance(InstrumentLimits, settings.instruments);
  container.registerInstance(LoopLagOptions, settings.loopLag);
  container.registerInstance(AuthenticationLimits, settings.authentication);
  container.registerInstance(RateLimits, settings.rates);
  container.registerInstance(RpcLimits, settings.rpc);
  container.registerInstance(SupervisorOptions, settings.supervisor);

  container.registerSingleton(Clock, SystemClock);
  container.registerSingleton(Timers, SystemTimers);
  container.registerSingleton(Random, SystemRandom);
  container.registerSingleton(Instruments, InMemoryInstruments);
  container.registerSingleton(Health, HealthChecks);
  container.registerSingleton(LoopLag);
  container.registerSingleton(Authentication, AuthenticationRegistry);
  container.registerSingleton(Authorizer, RoleAuthorizer);
  container.registerSingleton(AgentOwners, MemoryAgentOwners);
  container.registerSingleton(ToolAccess, RuleToolAccess);
  container.registerSingleton(RateLimiter, TokenBuckets);
  container.registerSingleton(RpcMeters);
  container.registerSingleton(Dispatcher);
  container.registerSingleton(Responder);
  container.registerSingleton(SessionRegistry);
  container.registerSingleton(Supervisor, ProcessSupervisor);
  container.register(MethodRegistry, { useFactory: instanceCachingFactory((c) => c.resolve(Dispatcher)) });
  container.register(Sessions, { useFactory: instanceCachingFactory((c) => c.resolve(SessionRegistry)) });
  return container;
}

/** Tokens of the core whose services a plugin may require. */
export const SERVICES_OF_CORE = [
  Log,
  DaemonIdentity,
  DataDirectory,
  Clock,
  Timers,
  Random,
  Instruments,
  Health,
  Authentication,
  Authorizer,
  AgentOwners,
  ToolAccess,
  RateLimiter,
  MethodRegistry,
  Sessions,
  Supervisor,
] as const;
