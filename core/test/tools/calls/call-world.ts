import { DEFAULT_INSTRUMENT_LIMITS, InMemoryInstruments, JournalView, SystemRandom } from '../../../src/index.js';
import type { Principal } from '../../../src/permissions/principal.js';
import { silentLog } from '../../../src/plugin-testing/silent-log.js';
import { GatheredRecords } from '../../../src/store/gathered-records.js';
import { StoredEffects } from '../../../src/store/stored-effects.js';
import { approvalByRules } from '../../../src/tools/calls/approval-policy.js';
import type { ApprovalPolicy } from '../../../src/tools/calls/approval-policy.js';
import { TOOL_CALL_LIMITS } from '../../../src/tools/calls/call-limits.js';
import type { ToolCallLimits } from '../../../src/tools/calls/call-limits.js';
import { ToolCalls } from '../../../src/tools/calls/tool-calls.js';
import type { ToolUse } from '../../../src/tools/tool-access.js';
import { DEFAULT_TOOL_RULES } from '../../../src/tools/tool-rules.js';
import { ToolCatalogue } from '../../../src/tools/tool-catalogue.js';
import { TOOL_LIMITS } from '../../../src/tools/tool-limits.js';
import { ToolRecords } from '../../../src/tools/tool-records.js';
import { ToolRegistry } from '../../../src/tools/tool-registry.js';
import type {
  ToolCallRequest,
  ToolDefinition,
  ToolInvocation,
  ToolReply,
  ToolResult,
} from '../../../src/tools/tools.js';
import { ManualTime } from '../../support/manual-time.js';
import { MemoryStore } from '../../support/memory-store.js';
import { principal } from '../../support/core.js';

/** Anybody may do anything. */
export const ALL: ToolUse = { see: true, call: true, capabilities: 'all', anyArguments: true, covered: [], noneOf: [] };

/** A result with one text. */
export function text(said: string): { readonly kind: 'result'; readonly result: ToolResult } {
  return { kind: 'result', result: { content: [{ type: 'text', text: said }] } };
}

/** A tool that takes anything, but for what is said. */
export function tool(name: string, said: Partial<ToolDefinition> = {}): ToolDefinition {
  return { name, version: '1.0.0', inputSchema: { type: 'object' }, ...said };
}

/** Calls of the tools of one provider, with a time that the test moves and access that the test gives. */
export async function callWorld(options: {
  readonly tools: readonly ToolDefinition[];
  readonly invoke?: (invocation: ToolInvocation) => Promise<ToolReply>;
  readonly use?: (caller: Principal, name: string) => ToolUse;
  readonly policy?: ApprovalPolicy;
  readonly limits?: Partial<ToolCallLimits>;
  readonly store?: MemoryStore;
}) {
  const { use = () => ALL, invoke = () => Promise.resolve(text('done')) } = options;
  const time = new ManualTime();
  const { store = new MemoryStore() } = options;
  const journal = new JournalView(store);
  const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
  const access = {
    of: (caller: Principal, { definition }: { readonly definition: ToolDefinition }) => use(caller, definition.name),
    version: 1,
    admits: () => true,
    mayUse: () => true,
    set: () => undefined,
    sets: () => [],
    approval: () => DEFAULT_TOOL_RULES.approval,
    onChanged: () => () => undefined,
  };
  const records = new ToolRecords();
  const registry = new ToolRegistry(store, journal, time, records, access, TOOL_LIMITS);
  const catalogue = new ToolCatalogue(records, access, TOOL_LIMITS);
  const unrecorded = instruments.counter('unrecorded', 'Lost records.').with();
  const hidden = new GatheredRecords(journal, { kinds: 10, intervalMs: 1000 }, unrecorded, time, silentLog);
  const calls = new ToolCalls({
    catalogue,
    access,
    store,
    enterContext: () => Promise.resolve(),
    journal,
    effects: new StoredEffects(store, time, time),
    hidden,
    approvalPolicy: options.policy ?? approvalByRules(access),
    clock: time,
    timers: time,
    random: new SystemRandom(time),
    instruments,
    log: silentLog,
    limits: { ...TOOL_CALL_LIMITS, ...options.limits },
  });
  const invocations: ToolInvocation[] = [];
  const handle = registry.addProvider({
    id: 'plugin/test',
    invoke(invocation) {
      invocations.push(invocation);
      return invoke(invocation);
    },
  });
  await handle.set(options.tools);
  const call = async (
    name: string,
    args: ToolCallRequest['arguments'] = {},
    request: Partial<ToolCallRequest> = {},
    caller = 'ada',
  ): Promise<ToolReply> => (await calls.call(principal(caller), { name, arguments: args, ...request })).reply;
  return {
    calls,
    call,
    catalogue,
    handle,
    hidden,
    /** What the provider was asked. */
    invocations,
    time,
    instruments,
    /** Records about tools, without what differs from one run to the next. */
    async records() {
      const { entries } = await journal.read({ afterSequence: 0, limit: 1000 });
      return entries
        .filter(({ action }) => action.startsWith('tool.') && action !== 'tool.registered')
        .map(({ action, resource, principal: by, outcome, details }) => ({
          action,
          resource,
          by,
          outcome,
          ...details,
        }));
    },
  };
}
