import type { deliveryMethods, HandlerParamsOf, inboxMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { CoreHost } from '../core-part.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { Call } from '../rpc/call.js';
import type { Effects } from '../store/effects.js';
import { DeadLetters } from './dead-letters.js';
import { Inboxes } from './inboxes.js';
import { handledBy } from './lineage.js';
import { MessageIds } from './message-ids.js';
import type { MessageLimits } from './message-limits.js';
import { MessageMeters } from './message-meters.js';
import type { MessageRouter } from './message-router.js';
import { MessageSender } from './message-sender.js';
import { Receipts } from './receipts.js';
import { Routing } from './routing.js';
import { Settlements } from './settlements.js';

type OpenParams = HandlerParamsOf<typeof inboxMethods.inboxOpen>;
type CloseParams = HandlerParamsOf<typeof inboxMethods.inboxClose>;
type GetParams = HandlerParamsOf<typeof inboxMethods.inboxGet>;
type ReceiptParams = HandlerParamsOf<typeof deliveryMethods.messageReceipt>;

/** What the durable messages need of the parts before them. */
export interface DurableNeeds {
  readonly registry: AgentRegistry;
  readonly effects: Effects;
  readonly router: MessageRouter;
}

/** Puts together everything that durable messages take, and starts it. */
export async function startDurableMessages(host: CoreHost, needs: DurableNeeds, limits: MessageLimits) {
  const { store, clock, timers, random, authorizer, sessions, instruments, log } = host;
  const { registry, effects, router } = needs;
  const ids = new MessageIds(clock, random);
  const deadLetters = new DeadLetters(store, clock, limits.deadLetters);
  await deadLetters.start();
  const meters: MessageMeters = new MessageMeters(instruments, () => ({
    messages: inboxes.lanes.items,
    bytes: inboxes.lanes.bytes,
    deadLetters: deadLetters.size,
  }));
  const made = {
    get inboxes(): Inboxes {
      return inboxes;
    },
    meters,
  };
  const ground = { store, effects, registry, sessions, clock, timers, random, ids, limits, log };
  const settlements = new Settlements(ground, deadLetters, made);
  const inboxes: Inboxes = new Inboxes(ground, meters, settlements);
  host.defer(await inboxes.start());
  host.defer(() => settlements.stop());
  router.findDurable((id, session) => handledBy(inboxes, id, session));
  const loads = {
    messagesOf: (agentId: string) => inboxes.lanes.countOf(agentId),
    isFull: (agentId: string) => inboxes.lanes.isFull(agentId),
  };
  const routing = new Routing(registry, authorizer, loads, limits.stickyContexts);
  const sender = new MessageSender(ground, routing, inboxes, meters, (id, session) => router.parent(id, session));
  const receipts = new Receipts(store, inboxes, registry, authorizer);

  return {
    messageSend: sender.send.bind(sender),
    messageAck: settlements.ack.bind(settlements),
    messageNack: settlements.nack.bind(settlements),
    messageExtend: settlements.extend.bind(settlements),
    messageReceipt: ({ messageId }: ReceiptParams, call: Call) => receipts.receipt(messageId, call.principal),
    inboxOpen({ agentId, window = limits.window }: OpenParams, call: Call) {
      inboxes.open(registry.directory.owned(agentId, call), connectionOf(call), window);
      return { window };
    },
    inboxClose({ agentId }: CloseParams, call: Call) {
      inboxes.close(registry.directory.owned(agentId, call));
      return { done: true as const };
    },
    inboxGet({ agentId }: GetParams, call: Call): ResultOf<typeof inboxMethods.inboxGet> {
      const administers = authorizer.authorize(call.principal, 'message:admin').allowed;
      if (!administers) registry.directory.mine(agentId, call.principal);
      const { count, bytes } = inboxes.lanes.status(agentId);
      return {
        agentId,
        messages: count,
        inFlight: inboxes.inFlightOf(agentId),
        bytes,
        limits: { messages: limits.inboxMessages, bytes: limits.inboxBytes },
      };
    },
  };
}
