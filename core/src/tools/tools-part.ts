import { events, toolCallMethods } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import type { MessageRouter } from '../messages/message-router.js';
import type { Effects } from '../store/effects.js';
import type { Journal } from '../store/journal.js';
import { startToolCalls } from './calls/start-tool-calls.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { ToolService } from './tool-service.js';

/** Which tools there are, who may use them, and their calls. */
export const toolsPart = corePart({
  methods: {
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
  },
  start(
    host,
    needs: {
      readonly journal: Journal;
      readonly effects: Effects;
      readonly contexts: Contexts;
      readonly messages: MessageRouter;
      readonly registry: AgentRegistry;
    },
  ) {
    const { toolAccess } = host;
    const catalogue = new ToolCatalogue(toolAccess);
    const { calls, timeline, handlers } = startToolCalls(host, { ...needs, catalogue, access: toolAccess });
    return { services: { tools: new ToolService(catalogue, calls, toolAccess), timeline }, handlers };
  },
});
