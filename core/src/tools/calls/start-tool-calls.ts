import type { CoreHost } from '../../core-part.js';
import { DENIAL_DEFAULTS } from '../../permissions/denial-records.js';
import type { Effects } from '../../store/effects.js';
import { GatheredRecords } from '../../store/gathered-records.js';
import type { Journal } from '../../store/journal.js';
import type { ToolAccess } from '../tool-access.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import { TOOL_CALL_LIMITS } from './call-limits.js';
import { ToolCalls } from './tool-calls.js';

/** What calls of tools need of other parts. */
export interface CallNeeds {
  readonly catalogue: ToolCatalogue;
  readonly access: ToolAccess;
  readonly journal: Journal;
  readonly effects: Effects;
}

/** Starts everything about calls of tools. */
export function startToolCalls(host: CoreHost, needs: CallNeeds): ToolCalls {
  const { clock, timers, random, instruments, sessions, log, defer } = host;
  const limits = { ...TOOL_CALL_LIMITS, ...host.limits.toolCalls };
  const unrecorded = instruments
    .counter('orchestrator_tool_denials_unrecorded_total', 'Calls of hidden tools past the bound on records.')
    .with();
  const hidden = new GatheredRecords(needs.journal, DENIAL_DEFAULTS, unrecorded, timers, log);
  defer(() => hidden.close());
  const approvalPolicy = () => ({ asks: () => false, ownCalls: false });
  const calls = new ToolCalls({
    ...needs,
    hidden,
    approvalPolicy,
    clock,
    timers,
    random,
    instruments,
    log,
    limits,
  });
  defer(() => calls.approvals.stop());
  // What waits for a human would hold up the drain to its end.
  const stopListening = sessions.onDrain(() => {
    calls.approvals.stop();
    return () => 0;
  });
  defer(stopListening);
  const { catalogue } = needs;
  defer(catalogue.onChanged(() => calls.breakers.keep((id) => catalogue.has(id))));
  return calls;
}
