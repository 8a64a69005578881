import { events } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import type { Effects } from '../store/effects.js';
import type { Journal } from '../store/journal.js';
import { startToolCalls } from './calls/start-tool-calls.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { ToolService } from './tool-service.js';

/** Which tools there are, who may use them, and their calls. */
export const toolsPart = corePart({
  methods: {},
  events: {
    toolCalled: events.toolCalled,
    toolDenied: events.toolDenied,
    toolApprovalRequested: events.toolApprovalRequested,
    toolApprovalDecided: events.toolApprovalDecided,
    toolApprovalExpired: events.toolApprovalExpired,
  },
  start(host, { journal, effects }: { readonly journal: Journal; readonly effects: Effects }) {
    const { toolAccess } = host;
    const catalogue = new ToolCatalogue(toolAccess);
    const calls = startToolCalls(host, { catalogue, access: toolAccess, journal, effects });
    return { services: { tools: new ToolService(catalogue, calls, toolAccess) }, handlers: {} };
  },
});
