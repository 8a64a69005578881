import { agentMethods, events } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import type { Effects } from '../store/effects.js';
import { AGENT_LIMITS } from './agent-limits.js';
import { AgentRegistry } from './agent-registry.js';

/** Who is there, in what state, and what each can do. */
export const agentsPart = corePart({
  methods: {
    agentRegister: agentMethods.agentRegister,
    agentSetState: agentMethods.agentSetState,
    agentHeartbeat: agentMethods.agentHeartbeat,
    agentDeregister: agentMethods.agentDeregister,
    agentSuspend: agentMethods.agentSuspend,
    agentResume: agentMethods.agentResume,
    agentGet: agentMethods.agentGet,
    agentList: agentMethods.agentList,
  },
  events: {
    agentRegistered: events.agentRegistered,
    agentStateChanged: events.agentStateChanged,
    agentTakenOver: events.agentTakenOver,
    agentDeregistered: events.agentDeregistered,
  },
  async start(
    { store, clock, timers, authorizer, agentOwners, instruments, limits, defer, onSweepError },
    { effects }: { readonly effects: Effects },
  ) {
    const agentLimits = { ...AGENT_LIMITS, ...limits.agents };
    const registry = new AgentRegistry(store, effects, clock, timers, authorizer, agentLimits, agentOwners);
    defer(await registry.start(onSweepError));
    defer(
      authorizer.onChanged(() => {
        registry.endForbidden();
      }),
    );
    const agents = registry.directory;
    instruments.gauge('orchestrator_agents', 'Registered agents.', ['state'], () =>
      Object.entries(agents.countByState()).map(([state, value]) => ({ value, labels: [state] })),
    );
    return {
      services: { registry, agents },
      handlers: {
        agentRegister: (params, call) => registry.register(params, call),
        agentSetState: (params, call) => registry.setState(params, call),
        agentHeartbeat: (params, call) => registry.heartbeat(params, call),
        agentDeregister: (params, call) => registry.deregister(params, call),
        agentSuspend: (params, call) => registry.suspend(params, call),
        agentResume: (params, call) => registry.resume(params, call),
        agentGet: ({ agentId }, call) => agents.get(call.principal, agentId),
        agentList: (query, call) => agents.list(call.principal, query),
      },
    };
  },
});
