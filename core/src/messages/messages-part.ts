import { deadLetterMethods, deliveryMethods, events, inboxMethods, messageMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import { corePart } from '../core-part.js';
import type { Effects } from '../store/effects.js';
import { startDurableMessages } from './durable-messages.js';
import { MESSAGE_LIMITS } from './message-limits.js';
import { MessageRouter } from './message-router.js';

/** What principals say to agents: requests that are answered at once, and messages that survive anything. */
export const messagesPart = corePart({
  methods: {
    messageRequest: messageMethods.messageRequest,
    messagePart: messageMethods.messagePart,
    messageSend: deliveryMethods.messageSend,
    messageAck: deliveryMethods.messageAck,
    messageNack: deliveryMethods.messageNack,
    messageExtend: deliveryMethods.messageExtend,
    messageReceipt: deliveryMethods.messageReceipt,
    messageWatch: deliveryMethods.messageWatch,
    messageExplain: deliveryMethods.messageExplain,
    deadLetterList: deadLetterMethods.deadLetterList,
    deadLetterShow: deadLetterMethods.deadLetterShow,
    deadLetterRedeliver: deadLetterMethods.deadLetterRedeliver,
    deadLetterDiscard: deadLetterMethods.deadLetterDiscard,
    inboxOpen: inboxMethods.inboxOpen,
    inboxPull: inboxMethods.inboxPull,
    inboxList: inboxMethods.inboxList,
    inboxClose: inboxMethods.inboxClose,
    inboxGet: inboxMethods.inboxGet,
  },
  events: {
    messageAccepted: events.messageAccepted,
    messageAttemptFailed: events.messageAttemptFailed,
    messageSettled: events.messageSettled,
    messageRedelivered: events.messageRedelivered,
    messageDiscarded: events.messageDiscarded,
  },
  async start(
    host,
    {
      registry,
      effects,
      contexts,
    }: { readonly registry: AgentRegistry; readonly effects: Effects; readonly contexts: Contexts },
  ) {
    const { clock, random, authorizer, instruments } = host;
    const limits = { ...MESSAGE_LIMITS, ...host.limits.messages };
    const messages = new MessageRouter(registry, clock, random, authorizer, instruments, limits);
    const durable = await startDurableMessages(host, { registry, effects, contexts, router: messages }, limits);
    return {
      services: { messages, deadLetters: durable.desk, timeline: durable.timeline },
      handlers: {
        messageRequest: (params, call) => messages.request(params, call),
        messagePart: (params, call) => messages.part(params, call),
        ...durable.handlers,
      },
    };
  },
});
