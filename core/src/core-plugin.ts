import {
  agentMethods,
  daemonMethods,
  events,
  journalMethods,
  messageMethods,
  sessionMethods,
} from '@ai-orchestrator/protocol';
import { AgentRegistry } from './agents/agent-registry.js';
import { AGENT_LIMITS } from './agents/agent-limits.js';
import type { AgentLimits } from './agents/agent-limits.js';
import { Agents } from './agents/agents.js';
import { DaemonIdentity } from './host/daemon-identity.js';
import { Instruments } from './host/instruments.js';
import { Clock, Random, Timers } from './host/time.js';
import { MESSAGE_LIMITS } from './messages/message-limits.js';
import type { MessageLimits } from './messages/message-limits.js';
import { MessageRouter } from './messages/message-router.js';
import { Messages } from './messages/messages.js';
import { Authorizer } from './permissions/authorizer.js';
import { definePlugin } from './plugin/plugin.js';
import { sessionHandlers } from './rpc/session-handlers.js';
import { Sessions } from './rpc/session.js';
import { Effects } from './store/effects.js';
import { Journal } from './store/journal.js';
import { journalHandlers } from './store/journal-handlers.js';
import { JournalView } from './store/journal-view.js';
import { EFFECT_LIMITS, StoredEffects } from './store/stored-effects.js';
import type { EffectLimits } from './store/stored-effects.js';
import { Store } from './store/store.js';

/** Bounds of everything that the core answers; what is not said is as in the defaults. */
export interface CoreLimits {
  readonly agents?: Partial<AgentLimits>;
  readonly messages?: Partial<MessageLimits>;
  readonly effects?: Partial<EffectLimits>;
}

/** The core's own methods, declared and started like those of any plugin. */
export function corePlugin(limits: CoreLimits = {}) {
  return definePlugin({
    id: 'core',
    requires: {
      store: Store,
      clock: Clock,
      timers: Timers,
      random: Random,
      authorizer: Authorizer,
      sessions: Sessions,
      instruments: Instruments,
      identity: DaemonIdentity,
    },
    provides: { journal: Journal, agents: Agents, messages: Messages, effects: Effects },
    methods: {
      agentRegister: agentMethods.agentRegister,
      agentSetState: agentMethods.agentSetState,
      agentHeartbeat: agentMethods.agentHeartbeat,
      agentDeregister: agentMethods.agentDeregister,
      agentSuspend: agentMethods.agentSuspend,
      agentResume: agentMethods.agentResume,
      agentGet: agentMethods.agentGet,
      agentList: agentMethods.agentList,
      messageRequest: messageMethods.messageRequest,
      messagePart: messageMethods.messagePart,
      journalRead: journalMethods.journalRead,
      journalSubscribe: journalMethods.journalSubscribe,
      sessionGet: sessionMethods.sessionGet,
      sessionList: sessionMethods.sessionList,
      subscriptionCancel: sessionMethods.subscriptionCancel,
      daemonPing: daemonMethods.daemonPing,
    },
    events: {
      agentRegistered: events.agentRegistered,
      agentStateChanged: events.agentStateChanged,
      agentTakenOver: events.agentTakenOver,
      agentDeregistered: events.agentDeregistered,
      permissionDenied: events.permissionDenied,
    },
    async start({ services, log, defer }) {
      const { store, clock, timers, random, authorizer, sessions, instruments, identity } = services;
      const onSweepError = (err: unknown): void => {
        log.error({ err }, 'a sweep failed and will be tried again');
      };

      const journal = new JournalView(store);
      const effects = new StoredEffects(store, clock, timers, { ...EFFECT_LIMITS, ...limits.effects });
      defer(await effects.start(onSweepError));
      const agentLimits = { ...AGENT_LIMITS, ...limits.agents };
      const registry = new AgentRegistry(store, effects, clock, timers, authorizer, agentLimits);
      defer(await registry.start(onSweepError));
      defer(
        authorizer.onChanged(() => {
          registry.endForbidden();
        }),
      );
      const agents = registry.directory;
      const messageLimits = { ...MESSAGE_LIMITS, ...limits.messages };
      const messages = new MessageRouter(registry, clock, random, authorizer, instruments, messageLimits);

      instruments.gauge('orchestrator_agents', 'Registered agents.', ['state'], () =>
        Object.entries(agents.countByState()).map(([state, value]) => ({ value, labels: [state] })),
      );
      return {
        services: { journal, agents, messages, effects },
        handlers: {
          agentRegister: (params, call) => registry.register(params, call),
          agentSetState: (params, call) => registry.setState(params, call),
          agentHeartbeat: (params, call) => registry.heartbeat(params, call),
          agentDeregister: (params, call) => registry.deregister(params, call),
          agentSuspend: (params, call) => registry.suspend(params, call),
          agentResume: (params, call) => registry.resume(params, call),
          agentGet: ({ agentId }, call) => agents.get(call.principal, agentId),
          agentList: (query, call) => agents.list(call.principal, query),
          messageRequest: (params, call) => messages.request(params, call),
          messagePart: (params, call) => messages.part(params, call),
          ...journalHandlers(journal),
          ...sessionHandlers(sessions, identity),
          daemonPing: ({ echo }) => (echo === undefined ? { pong: true } : { pong: true, echo }),
        },
      };
    },
  });
}
