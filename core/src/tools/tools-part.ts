import { events } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import type { Journal } from '../store/journal.js';
import { ToolCalls } from './calls/tool-calls.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { ToolService } from './tool-service.js';

/** Which tools there are, who may use them, and their calls. */
export const toolsPart = corePart({
  methods: {},
  events: { toolCalled: events.toolCalled },
  start({ clock, random, toolAccess }, { journal }: { readonly journal: Journal }) {
    const catalogue = new ToolCatalogue(toolAccess);
    const calls = new ToolCalls(catalogue, toolAccess, journal, clock, random);
    return { services: { tools: new ToolService(catalogue, calls, toolAccess) }, handlers: {} };
  },
});
