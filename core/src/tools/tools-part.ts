import { events, toolCallMethods, toolMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import { corePart } from '../core-part.js';
import type { Contexts } from '../contexts/contexts.js';
import type { MessageRouter } from '../messages/message-router.js';
import type { Effects } from '../store/effects.js';
import type { Journal } from '../store/journal.js';
import { AgentTools } from './agent-tools.js';
import { approvalLeftOpen } from './calls/call-records.js';
import { endLeftOpen } from './calls/open-approvals.js';
import { startToolCalls } from './calls/start-tool-calls.js';
import { ToolApprovals } from './tool-approvals.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { TOOL_LIMITS } from './tool-limits.js';
import { ToolListing } from './tool-listing.js';
import { ToolRecords } from './tool-records.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolService } from './tool-service.js';
import { ToolUpkeep } from './tool-upkeep.js';

/** Which tools there are, who may use them, and their calls. */
export const toolsPart = corePart({
  methods: {
    toolRegister: toolMethods.toolRegister,
    toolList: toolMethods.toolList,
    toolGet: toolMethods.toolGet,
    toolSearch: toolMethods.toolSearch,
    toolDeprecate: toolMethods.toolDeprecate,
    toolRemove: toolMethods.toolRemove,
    toolPending: toolMethods.toolPending,
    toolDiff: toolMethods.toolDiff,
    toolApprove: toolMethods.toolApprove,
    toolReject: toolMethods.toolReject,
    toolCall: toolCallMethods.toolCall,
    toolCancel: toolCallMethods.toolCancel,
    toolProgress: toolCallMethods.toolProgress,
    toolCalls: toolCallMethods.toolCalls,
    toolApprovals: toolCallMethods.toolApprovals,
    toolDecide: toolCallMethods.toolDecide,
    toolProviders: toolCallMethods.toolProviders,
  },
  events: {
    toolCalled: events.toolCalled,
    toolDenied: events.toolDenied,
    toolApprovalRequested: events.toolApprovalRequested,
    toolApprovalDecided: events.toolApprovalDecided,
    toolApprovalExpired: events.toolApprovalExpired,
    toolRegistered: events.toolRegistered,
    toolChanged: events.toolChanged,
    toolQuarantined: events.toolQuarantined,
    toolRestored: events.toolRestored,
    toolApproved: events.toolApproved,
    toolRejected: events.toolRejected,
    toolDeprecated: events.toolDeprecated,
    toolRemoved: events.toolRemoved,
    toolWithdrawn: events.toolWithdrawn,
    toolReturned: events.toolReturned,
    toolRefused: events.toolRefused,
  },
  async start(
    host,
    needs: {
      readonly journal: Journal;
      readonly effects: Effects;
      readonly contexts: Contexts;
      readonly messages: MessageRouter;
      readonly registry: AgentRegistry;
    },
  ) {
    const { journal, effects, registry: agents } = needs;
    const { store, clock, toolAccess, authorizer, instruments, log } = host;
    const limits = { ...TOOL_LIMITS, ...host.limits.tools };
    const records = new ToolRecords();
    const registry = new ToolRegistry(store, journal, clock, records, toolAccess, limits);
    registry.onError = (err) => {
      log.error({ err }, 'what became of tools was not recorded');
    };
    await registry.start();
    const catalogue = new ToolCatalogue(records, toolAccess, limits);
    const approvals = new ToolApprovals(registry, records, effects, authorizer, clock, limits);
    const upkeep = new ToolUpkeep(registry, records, catalogue, effects, authorizer);
    const listing = new ToolListing(catalogue, limits);
    const agentTools = new AgentTools(registry, agents, effects, authorizer, clock);
    agentTools.start();
    instruments.gauge('orchestrator_tools', 'Names of tools that can be called now.', [], () => [
      { value: records.live().size },
    ]);
    instruments.gauge('orchestrator_tools_pending', 'Definitions of tools that wait for approval.', [], () => [
      { value: approvals.size },
    ]);
    await endLeftOpen(store, approvalLeftOpen);
    const { calls, timeline, handlers } = startToolCalls(host, { ...needs, catalogue, access: toolAccess });
    return {
      services: { tools: new ToolService(registry, catalogue, calls, toolAccess), timeline },
      handlers: {
        ...handlers,
        toolRegister: (params, call) => agentTools.register(params, call),
        toolList: (params, call) => listing.list(params, call),
        toolGet: (params, call) => listing.get(params, call),
        toolSearch: (params, call) => listing.search(params, call),
        toolDeprecate: (params, call) => upkeep.deprecate(params, call),
        toolRemove: (params, call) => upkeep.remove(params, call),
        toolPending: (params, call) => approvals.list(params, call),
        toolDiff: (params, call) => approvals.diff(params, call),
        toolApprove: (params, call) => approvals.approve(params, call),
        toolReject: (params, call) => approvals.reject(params, call),
      },
    };
  },
});
