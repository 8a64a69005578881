import type { toolCallMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../../agents/agent-registry.js';
import type { Contexts } from '../../contexts/contexts.js';
import type { CoreHost } from '../../core-part.js';
import type { MessageRouter } from '../../messages/message-router.js';
import { reenterContext } from '../../messages/message-contexts.js';
import { DENIAL_DEFAULTS } from '../../permissions/denial-records.js';
import type { Handlers } from '../../plugin/plugin.js';
import type { Effects } from '../../store/effects.js';
import { GatheredRecords } from '../../store/gathered-records.js';
import type { Journal } from '../../store/journal.js';
import type { TimelineSource } from '../../timeline/timeline-source.js';
import type { ToolAccess } from '../tool-access.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import { AgentCalls } from './agent-calls.js';
import { approvalHandlers } from './approval-handlers.js';
import { approvalByRules } from './approval-policy.js';
import { sweepEntries } from './call-entries.js';
import { callHandlers } from './call-handlers.js';
import { TOOL_CALL_LIMITS } from './call-limits.js';
import { CallTimeline } from './call-timeline.js';
import { providerHandlers } from './provider-handlers.js';
import { ToolCalls } from './tool-calls.js';

type Answered =
  'toolCall' | 'toolCancel' | 'toolProgress' | 'toolCalls' | 'toolApprovals' | 'toolDecide' | 'toolProviders';

/** What calls of tools need of other parts. */
export interface CallNeeds {
  readonly catalogue: ToolCatalogue;
  readonly access: ToolAccess;
  readonly journal: Journal;
  readonly effects: Effects;
  readonly contexts: Contexts;
  readonly messages: MessageRouter;
  readonly registry: AgentRegistry;
}

/** What there is then. */
export interface StartedCalls {
  readonly calls: ToolCalls;
  readonly timeline: TimelineSource;
  readonly handlers: Handlers<Pick<typeof toolCallMethods, Answered>>;
}

/** Starts everything about calls of tools. */
export function startToolCalls(host: CoreHost, needs: CallNeeds): StartedCalls {
  const { store, clock, timers, random, authorizer, instruments, sessions, log, defer, onSweepError } = host;
  const { catalogue, access, journal, effects, contexts, messages, registry } = needs;
  const limits = { ...TOOL_CALL_LIMITS, ...host.limits.toolCalls };
  const unrecorded = instruments
    .counter('orchestrator_tool_denials_unrecorded_total', 'Calls of hidden tools past the bound on records.')
    .with();
  const hidden = new GatheredRecords(journal, DENIAL_DEFAULTS, unrecorded, timers, log);
  defer(() => hidden.close());
  const approvalPolicy = approvalByRules(access);
  const calls = new ToolCalls({
    store,
    catalogue,
    access,
    journal,
    effects,
    hidden,
    approvalPolicy,
    // Work goes on in its own context, also when that was closed meanwhile.
    enterContext: (contextId, caller, inherited) =>
      contextId === inherited ? reenterContext(contexts, contextId) : contexts.enter(contextId, caller),
    clock,
    timers,
    random,
    instruments,
    log,
    limits,
  });
  defer(() => calls.approvals.stop());
  // What waits for a human would hold up the drain to its end.
  defer(
    sessions.onDrain(() => {
      calls.approvals.stop();
      return () => 0;
    }),
  );
  defer(catalogue.onChanged(() => calls.breakers.keep((id) => catalogue.has(id))));
  let sweeping: Promise<void> = Promise.resolve();
  const sweeper = timers.every(limits.sweepMs, () => {
    sweeping = sweeping.then(() => sweepEntries(store, clock.now() - limits.keepMs)).catch(onSweepError);
  });
  defer(async () => {
    sweeper.cancel();
    await sweeping;
  });
  const { approvals } = calls;
  const agentCalls = new AgentCalls(calls, registry.directory, calls.progressDropped);
  messages.findWork((id, session) => agentCalls.workOf(id, session));
  return {
    calls,
    timeline: new CallTimeline(store, catalogue),
    handlers: {
      ...callHandlers({ calls, access, authorizer, clock, parentOf: (id, session) => messages.parent(id, session) }),
      ...agentCalls.handlers,
      ...approvalHandlers({ approvals, access, authorizer, approvalPolicy, journal, effects }),
      ...providerHandlers({ calls, catalogue, access }),
    },
  };
}
