import type { deliveryMethods, HandlerParamsOf, inboxMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import type { CoreHost } from '../core-part.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { Call } from '../rpc/call.js';
import type { Effects } from '../store/effects.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import { Signals } from '../store/signals.js';
import { journalKey } from '../store/store.js';
import type { Store } from '../store/store.js';
import { DeadLetterDesk } from './dead-letter-desk.js';
import { DeadLetters } from './dead-letters.js';
import { listInbox } from './inbox-listing.js';
import { Inboxes } from './inboxes.js';
import { handledBy } from './lineage.js';
import { MessageErasure } from './message-erasure.js';
import { MessageFamilies } from './message-families.js';
import { MessageIds } from './message-ids.js';
import type { MessageLimits } from './message-limits.js';
import { MessageMeters } from './message-meters.js';
import type { MessageRouter } from './message-router.js';
import { MessageTimeline } from './message-timeline.js';
import { MessageSender } from './message-sender.js';
import { ReceiptLog } from './receipt-log.js';
import { ReceiptRetention } from './receipt-retention.js';
import { Receipts } from './receipts.js';
import { Routing } from './routing.js';
import { Settlements } from './settlements.js';

type OpenParams = HandlerParamsOf<typeof inboxMethods.inboxOpen>;
type CloseParams = HandlerParamsOf<typeof inboxMethods.inboxClose>;
type GetParams = HandlerParamsOf<typeof inboxMethods.inboxGet>;
type PullParams = HandlerParamsOf<typeof inboxMethods.inboxPull>;
type ListParams = HandlerParamsOf<typeof inboxMethods.inboxList>;
type WatchParams = HandlerParamsOf<typeof deliveryMethods.messageWatch>;
type ExplainParams = HandlerParamsOf<typeof deliveryMethods.messageExplain>;
type ReceiptParams = HandlerParamsOf<typeof deliveryMethods.messageReceipt>;

/** Candidates that an explanation shows. */
const MOST_CANDIDATES = 100;

/** What the durable messages need of the parts before them. */
export interface DurableNeeds {
  readonly registry: AgentRegistry;
  readonly effects: Effects;
  readonly contexts: Contexts;
  readonly router: MessageRouter;
}

/** Puts together everything that durable messages take, and starts it. */
export async function startDurableMessages(host: CoreHost, needs: DurableNeeds, limits: MessageLimits) {
  const { store, clock, timers, random, authorizer, sessions, instruments } = host;
  const { registry, effects, contexts, router } = needs;
  const ids = new MessageIds(clock, random, await lastRecordAt(store));
  const deadLetters = new DeadLetters(store, clock, limits.deadLetters, (...again) => sender.again(...again));
  await deadLetters.start();
  const log = new ReceiptLog(store, ids, new Signals(limits.receiptReaders));
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
  const ground = { store, effects, registry, contexts, sessions, clock, timers, random, ids, limits, log: host.log };
  const settlements = new Settlements(ground, deadLetters, log, made);
  const inboxes: Inboxes = new Inboxes(ground, meters, settlements);
  host.defer(await inboxes.start());
  host.defer(() => settlements.stop());
  host.defer(sessions.onDrain(() => () => inboxes.inFlight));
  router.findWork((id, session) => handledBy(inboxes, id, session));
  const loads = {
    messagesOf: (agentId: string) => inboxes.lanes.countOf(agentId),
    isFull: (agentId: string) => inboxes.lanes.isFull(agentId),
  };
  const routing = new Routing(registry, authorizer, loads, limits.stickyContexts);
  const families = new MessageFamilies(limits.family, limits.families);
  const sender: MessageSender = new MessageSender(ground, routing, inboxes, meters, families, (id, session) =>
    router.parent(id, session),
  );
  const receipts = new Receipts(store, inboxes, registry, authorizer, contexts);
  host.defer(contexts.addErasureSource(new MessageErasure(store, timers, settlements, deadLetters)));
  const desk = new DeadLetterDesk(effects);
  desk.add(deadLetters);
  const retention = new ReceiptRetention(store, clock, deadLetters, limits.receiptKeepMs);
  let sweeping: Promise<void> = Promise.resolve();
  const sweeps = timers.every(limits.receiptSweepMs, () => {
    sweeping = sweeping.then(() => retention.sweep()).catch(host.onSweepError);
  });
  host.defer(async () => {
    sweeps.cancel();
    await sweeping;
  });
  /** Its owner and who administers messages may look into an inbox; one with messages outlives its agent. */
  const expectReader = (agentId: string, { principal }: Call): void => {
    if (!authorizer.authorize(principal, 'message:admin').allowed) registry.directory.mine(agentId, principal);
    else if (loads.messagesOf(agentId) === 0) registry.directory.visible(principal, agentId, 'message:admin');
  };

  const handlers = {
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
      expectReader(agentId, call);
      const { count, bytes } = inboxes.lanes.status(agentId);
      return {
        agentId,
        messages: count,
        inFlight: inboxes.inFlightOf(agentId),
        bytes,
        limits: { messages: limits.inboxMessages, bytes: limits.inboxBytes },
      };
    },
    async inboxPull({ agentId, limit = 10, waitMs = 0 }: PullParams, call: Call) {
      const agent = registry.directory.owned(agentId, call);
      const texts = await inboxes.pull(agent, connectionOf(call), limit, waitMs, call);
      return new RelayedJson(`{"messages":[${texts.join(',')}]}`);
    },
    inboxList({ agentId, limit, cursor }: ListParams, call: Call) {
      expectReader(agentId, call);
      return listInbox(inboxes.lanes, store, agentId, limit, cursor);
    },
    async messageWatch({ after }: WatchParams, call: Call) {
      const session = connectionOf(call);
      const cursor = after ?? log.now();
      // Commits keep their order: with this one all that took their place before ours can be read, and nothing falls in between.
      if (after === undefined) await store.commit({});
      const place = log.placeIn(cursor, clock.now() - limits.receiptKeepMs);
      const follow = (signal: AbortSignal) => log.follow(call.principal.id, place, signal);
      return { subscriptionId: session.subscribe(follow, cursor, 'message:send'), cursor };
    },
    async messageExplain(
      { to, contextId }: ExplainParams,
      call: Call,
    ): Promise<ResultOf<typeof deliveryMethods.messageExplain>> {
      if (contextId !== undefined) await contexts.expectReader(contextId, call.principal);
      const { chosen, candidates } = routing.explain(to, call.principal, contextId);
      return {
        ...(chosen === undefined ? {} : { chosen: chosen.agent.id, rule: chosen.rule }),
        candidates: candidates.slice(0, MOST_CANDIDATES).map(({ agent, eligible, reasons, load }) => ({
          agent: agent.id,
          eligible,
          reasons: [...reasons],
          load,
        })),
      };
    },
    deadLetterList: desk.list.bind(desk),
    deadLetterShow: desk.show.bind(desk),
    deadLetterRedeliver: desk.redeliver.bind(desk),
    deadLetterDiscard: desk.discard.bind(desk),
  };
  return { desk, timeline: new MessageTimeline(store, inboxes, receipts), handlers };
}

/** When the last record was made, so that ids go on after those of the run before, also if the wall clock went back; 0 if there is none. */
async function lastRecordAt(store: Store): Promise<number> {
  const { sequence } = store.journalHead;
  const record = sequence === 0 ? undefined : await store.get(journalKey(sequence));
  const time = (record?.value as { readonly time?: string } | undefined)?.time;
  return time === undefined ? 0 : Date.parse(time);
}
