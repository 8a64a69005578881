import type { EventDeclaration, MethodDeclaration } from '@ai-orchestrator/protocol';
import type { AgentLimits } from './agents/agent-limits.js';
import { AgentOwners } from './agents/agent-owners.js';
import type { ContextLimits } from './contexts/context-limits.js';
import { DaemonIdentity } from './host/daemon-identity.js';
import { Instruments } from './host/instruments.js';
import type { SteadyClockLimits } from './host/steady-clock.js';
import { Clock, Random, Timers } from './host/time.js';
import type { MessageLimits } from './messages/message-limits.js';
import { Authorizer } from './permissions/authorizer.js';
import type { Handlers, PluginHost } from './plugin/plugin.js';
import { Sessions } from './rpc/session.js';
import type { StateLimits } from './state/state-limits.js';
import type { EffectLimits } from './store/stored-effects.js';
import { Store } from './store/store.js';
import type { TaskLimits } from './tasks/task-limits.js';
import type { TimelineLimits } from './timeline/timeline-limits.js';
import type { ToolCallLimits } from './tools/calls/call-limits.js';
import { ToolAccess } from './tools/tool-access.js';
import type { ToolLimits } from './tools/tool-limits.js';

/** Bounds of everything that the core answers; what is not said is as in the defaults. */
export interface CoreLimits {
  readonly agents?: Partial<AgentLimits>;
  readonly messages?: Partial<MessageLimits>;
  readonly contexts?: Partial<ContextLimits>;
  readonly tasks?: Partial<TaskLimits>;
  readonly effects?: Partial<EffectLimits>;
  readonly state?: Partial<StateLimits>;
  readonly clock?: Partial<SteadyClockLimits>;
  readonly timelines?: Partial<TimelineLimits>;
  readonly tools?: Partial<ToolLimits>;
  readonly toolCalls?: Partial<ToolCallLimits>;
}

/** What the core stands on; every part of it may use it. */
export const CORE_REQUIRES = {
  store: Store,
  clock: Clock,
  timers: Timers,
  random: Random,
  authorizer: Authorizer,
  agentOwners: AgentOwners,
  toolAccess: ToolAccess,
  sessions: Sessions,
  instruments: Instruments,
  identity: DaemonIdentity,
};

/** What a part of the core is started with. */
export type CoreHost = PluginHost<unknown, typeof CORE_REQUIRES>['services'] &
  Pick<PluginHost, 'log' | 'defer'> & {
    readonly limits: CoreLimits;
    /** For sweeps that go on by a timer. */
    readonly onSweepError: (error: unknown) => void;
  };

type MethodsMap = Readonly<Record<string, MethodDeclaration>>;
type EventsMap = Readonly<Record<string, EventDeclaration>>;

/** What a part of the core hands back: what other parts and the plugin need of it, and a handler for each of its methods. */
interface StartedPart<Methods extends MethodsMap, Services> {
  readonly services: Services;
  readonly handlers: Handlers<Methods>;
}

/** What one domain adds to the core: its methods and events, and how it starts. */
export interface CorePart<Methods extends MethodsMap, Events extends EventsMap, Needs, Services> {
  readonly methods: Methods;
  readonly events: Events;
  /** @param needs what it uses of the parts that started before it; closes what it opens by `host.defer` */
  start(host: CoreHost, needs: Needs): Promise<StartedPart<Methods, Services>> | StartedPart<Methods, Services>;
}

/** Declares a part; the compiler checks that each of its methods has its handler. */
export function corePart<Methods extends MethodsMap, Events extends EventsMap, Needs, Services>(
  part: CorePart<Methods, Events, Needs, Services>,
): CorePart<Methods, Events, Needs, Services> {
  return part;
}
