import { messageMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import { corePart } from '../core-part.js';
import { MESSAGE_LIMITS } from './message-limits.js';
import { MessageRouter } from './message-router.js';

/** What principals say to agents. */
export const messagesPart = corePart({
  methods: { messageRequest: messageMethods.messageRequest, messagePart: messageMethods.messagePart },
  events: {},
  start({ clock, random, authorizer, instruments, limits }, { registry }: { readonly registry: AgentRegistry }) {
    const messageLimits = { ...MESSAGE_LIMITS, ...limits.messages };
    const messages = new MessageRouter(registry, clock, random, authorizer, instruments, messageLimits);
    return {
      services: { messages },
      handlers: {
        messageRequest: (params, call) => messages.request(params, call),
        messagePart: (params, call) => messages.part(params, call),
      },
    };
  },
});
