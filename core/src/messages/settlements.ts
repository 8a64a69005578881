import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { deliveryMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts, EnteredContext } from '../contexts/contexts.js';
import { isoTime } from '../host/iso-time.js';
import type { Log } from '../host/log.js';
import type { Clock, Random, Timers } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { Answer } from '../rpc/session.js';
import { commitEffect, directEffect } from '../store/commit-effect.js';
import type { Effect, Effects } from '../store/effects.js';
import type { EventDraft } from '../store/record.js';
import type { Put, Store } from '../store/store.js';
import type { LaneChange, Return } from '../lanes/lane-change.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import { wantsToAckItself, retryAfterIn } from './agent-answer.js';
import { traceOf } from '../timeline/timeline-keys.js';
import type { DeadLetters } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import { keptAttempt } from './failed-attempts.js';
import type { Inbox } from './inbox.js';
import type { DeliveryEnds, Inboxes, Lost } from './inboxes.js';
import { outcomeEntry } from './message-contexts.js';
import { attemptFailed, settled } from './message-events.js';
import type { FailureKind } from './message-events.js';
import type { MessageLimits } from './message-limits.js';
import type { MessageMeters } from './message-meters.js';
import { envelopeIn, isPending, messageKey } from './message-text.js';
import type { KeptEnvelope } from './message-text.js';
import { keptReceiptText } from './receipt.js';
import type { KeptReceipt, Outcome, Receipt } from './receipt.js';
import { timeOf } from './receipt-log.js';
import type { ReceiptLog } from './receipt-log.js';

type AckParams = HandlerParamsOf<typeof deliveryMethods.messageAck>;
type NackParams = HandlerParamsOf<typeof deliveryMethods.messageNack>;
type NackResult = ResultOf<typeof deliveryMethods.messageNack>;
type ExtendParams = HandlerParamsOf<typeof deliveryMethods.messageExtend>;

/** JSON-RPC's code for a method, or a kind of message, that the client does not answer. */
const METHOD_NOT_FOUND = -32601;
/** Reasons are cut to this. */
const REASON_CHARACTERS = 512;

/** A delivery as its agent names it. */
type DeliveryNamed = Pick<AckParams, 'messageId' | 'deliveryId'>;

/** How a delivery ends. */
interface End {
  readonly outcome: Outcome;
  readonly principal: string;
  readonly kind?: FailureKind | undefined;
  /** For the receipt; the journal does not have it. */
  readonly reason?: string | undefined;
}

/** What is read before an end is planned: the message, where a dead letter keeps it, and the context that is told. */
interface Read {
  readonly text?: string | undefined;
  readonly context?: EnteredContext | undefined;
}

/** What is written of a message that came to its outcome, and what is done once that is on disk, or never will be. */
interface Ended {
  readonly receipt: Receipt;
  readonly puts: Put[];
  readonly deletes: string[];
  readonly events: EventDraft[];
  readonly after: () => void;
  readonly failed: () => void;
}

/** What {@link Settlements} stand on. */
export interface SettlementGround {
  readonly store: Store;
  readonly effects: Effects;
  readonly registry: AgentRegistry;
  readonly contexts: Contexts;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly limits: MessageLimits;
  readonly log: Log;
}

/**
 * Ends deliveries: each with one commit that settles the message or gives it back, records it, and claims what there is room for then. A
 * message has one outcome for good; whoever is late with another attempt is told so and changes nothing.
 */
export class Settlements implements DeliveryEnds {
  #stopped = false;
  /** Ends on their way that nobody waits for. */
  #running = 0;
  #idle: () => void = () => undefined;

  constructor(
    private readonly ground: SettlementGround,
    private readonly deadLetters: DeadLetters,
    private readonly log: ReceiptLog,
    /** Known once they are made. */
    private readonly made: { readonly inboxes: Inboxes; readonly meters: MessageMeters },
  ) {}

  /** Nothing that failed is tried again; resolves once what is under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  async ack(params: AckParams, call: Call): Promise<Receipt> {
    const end: End = { outcome: 'handled', principal: call.principal.id };
    const done: { receipt?: Receipt } = {};
    await this.ground.effects.perform(call, params, async (effect) => {
      const delivery = this.#inHand(params, call);
      done.receipt =
        delivery === undefined
          ? await this.#handledBy(params, call)
          : await this.#awaited(delivery, this.#settle(delivery, end, effect));
      return outcomeOf(done.receipt);
    });
    // Without one, an earlier call with the same key ended it.
    return done.receipt ?? this.#handledBy(params, call);
  }

  async nack(params: NackParams, call: Call): Promise<NackResult> {
    const { final = false, reason, delayMs } = params;
    return this.ground.effects.perform(call, params, async (effect) => {
      const delivery = this.#inHand(params, call);
      if (delivery === undefined) return outcomeOf((await this.#settledBy(params, call)).receipt);
      const principal = call.principal.id;
      if (!final) {
        const back = { principal, kind: 'nack', reason, delayMs } as const;
        return this.#awaited(delivery, this.#giveBack(delivery, back, effect));
      }
      const end: End = { outcome: 'failed', principal, kind: 'nack', reason };
      return outcomeOf(await this.#awaited(delivery, this.#settle(delivery, end, effect)));
    });
  }

  async extend(params: ExtendParams, call: Call): Promise<{ until: string }> {
    const delivery = this.#inHand(params, call);
    if (delivery === undefined) {
      await this.#settledBy(params, call);
      throw stale(params.messageId);
    }
    return { until: isoTime(this.made.inboxes.extend(delivery, params.extendMs)) };
  }

  answered(delivery: Delivery, answer: Exclude<Answer, { kind: 'closed' }>): void {
    const principal = delivery.session.principal?.id ?? DAEMON.id;
    if (answer.kind === 'result') {
      if (wantsToAckItself(answer.bytes)) return;
      this.#surely(delivery, (effect) => this.#settle(delivery, { outcome: 'handled', principal }, effect));
      return;
    }
    if (answer.kind === 'timeout') {
      this.timedOut(delivery);
      return;
    }
    const reason = answer.message;
    const data = answer.data as { readonly retryable?: unknown } | undefined;
    const refused = answer.code === METHOD_NOT_FOUND;
    if (refused || data?.retryable === false) {
      const end: End = { outcome: refused ? 'refused' : 'failed', principal, kind: 'error', reason };
      this.#surely(delivery, (effect) => this.#settle(delivery, end, effect));
      return;
    }
    const back = { principal, kind: 'error', reason, delayMs: retryAfterIn(answer.data) } as const;
    this.#surely(delivery, (effect) => this.#giveBack(delivery, back, effect));
  }

  timedOut(delivery: Delivery): void {
    const reason = 'it was not settled in time';
    this.#surely(delivery, (effect) =>
      this.#giveBack(delivery, { principal: DAEMON.id, kind: 'timeout', reason }, effect),
    );
  }

  notTaken(delivery: Delivery): void {
    const again = this.ground.clock.now() + this.ground.limits.sweepMs;
    this.#surely(delivery, (effect) => this.#release(delivery, again, DAEMON.id, 'behind', effect, 'interrupted'));
  }

  gone(delivery: Delivery): void {
    const plan = (change: LaneChange): void => {
      change.settle(delivery.entry);
    };
    this.#surely(delivery, (effect) => this.#end(delivery, plan, { events: [] }, {}, effect));
  }

  /** They wait again at once, each for its next attempt, if it has one. */
  lost(_inbox: Inbox, deliveries: readonly Delivery[], why: Lost): void {
    for (const delivery of deliveries) this.#surely(delivery, (effect) => this.#lose(delivery, why, effect));
  }

  /**
   * Ends a message of an erased context, whoever has it, and leaves nothing of it but that. Answers false when it is just being changed:
   * then it is to be looked at again.
   */
  async cancel(envelope: KeptEnvelope): Promise<boolean> {
    const { inboxes } = this.made;
    const bare = { ...envelope, correlationId: undefined };
    const end: End = { outcome: 'canceled', principal: DAEMON.id };
    const delivery = inboxes.find(envelope.id);
    if (delivery === undefined) {
      const { to, priority, sequence } = envelope;
      const entry = await inboxes.lanes.take({ lane: to, priority, sequence });
      if (entry === undefined) return false;
      try {
        await this.#endHeld(entry, bare, end, {});
      } catch (error) {
        inboxes.lanes.putBack(entry);
        throw error;
      }
      return true;
    }
    if (delivery.ending !== undefined || delivery.deliveredAt === undefined || delivery.entry.changing) return false;
    delivery.envelope = bare;
    await this.#awaited(delivery, this.#settle(delivery, end, directEffect(this.ground.store)));
    delivery.call?.cancel('its context was erased');
    return true;
  }

  /** Nobody has it: what it is about is read first. */
  async over(entry: LaneEntry, why: 'expired' | 'exhausted'): Promise<void> {
    const text = await this.#text(entry.id);
    const envelope = text === undefined ? undefined : envelopeIn(text);
    const end: End = { outcome: why === 'expired' ? 'expired' : 'deadLettered', principal: DAEMON.id };
    const read = await this.#reading(entry.id, envelope, end);
    await this.#endHeld(entry, envelope, end, { ...read, text });
  }

  /** @param envelope of the message; undefined when that is no more */
  #endHeld(entry: LaneEntry, envelope: KeptEnvelope | undefined, end: End, read: Read): Promise<void> {
    return this.made.inboxes.lanes.run(
      (change) => {
        change.settle(entry);
      },
      async (writes) => {
        if (envelope === undefined) {
          await commitEffect(this.ground.store, writes);
          return;
        }
        const ended = this.#ended(envelope, entry.attempt, end, undefined, undefined, read);
        try {
          await commitEffect(this.ground.store, {
            puts: [...writes.puts, ...ended.puts],
            deletes: [...writes.deletes, ...ended.deletes],
            events: ended.events,
          });
        } catch (error) {
          ended.failed();
          throw error;
        }
        ended.after();
      },
    );
  }

  /** The delivery that the agent has, unless it is over or about to be. @throws OrchestratorError `stale_attempt` for another one */
  #inHand({ messageId, deliveryId }: DeliveryNamed, call: Call): Delivery | undefined {
    const delivery = this.made.inboxes.find(messageId);
    if (delivery === undefined) return undefined;
    this.#expectOwner(delivery.inbox.agentId, messageId, call);
    if (delivery.deliveryId !== deliveryId) throw stale(messageId);
    return delivery.ending === undefined ? delivery : undefined;
  }

  /** The receipt of a message that this very delivery settled: whoever repeats the end of it gets the same answer. */
  async #settledBy({ messageId, deliveryId }: DeliveryNamed, call: Call): Promise<KeptReceipt> {
    // Another call may just be ending it.
    await this.made.inboxes.find(messageId)?.ending?.catch(() => undefined);
    const text = await this.#text(messageId, true);
    if (text === undefined) throw unknownMessage(messageId);
    if (isPending(text)) {
      this.#expectOwner(envelopeIn(text).to, messageId, call);
      throw stale(messageId);
    }
    const kept = JSON.parse(text) as KeptReceipt;
    this.#expectOwner(kept.receipt.agent, messageId, call);
    if (kept.deliveryId !== deliveryId) throw stale(messageId);
    return kept;
  }

  /** As {@link Settlements.#settledBy}, for an agent that takes an answer for a yes. @throws OrchestratorError `stale_attempt` */
  async #handledBy(named: DeliveryNamed, call: Call): Promise<Receipt> {
    const { receipt } = await this.#settledBy(named, call);
    // It was the last attempt, and its time ran out.
    if (receipt.outcome !== 'handled') throw stale(named.messageId);
    return receipt;
  }

  /** Where an end that somebody waits for fails, what came meanwhile, and was left to it, is taken up. */
  async #awaited<T>(delivery: Delivery, end: Promise<T>): Promise<T> {
    try {
      return await end;
    } catch (error) {
      if (delivery.session !== delivery.inbox.session) this.lost(delivery.inbox, [delivery], 'connection');
      else if (delivery.deadline === undefined) this.timedOut(delivery);
      throw error;
    }
  }

  #expectOwner(agentId: string, messageId: string, call: Call): void {
    if (this.ground.registry.directory.find(agentId)?.owner.id !== call.principal.id) throw unknownMessage(messageId);
  }

  /** Ends a delivery that nobody waits for: what fails for want of the store is tried again. */
  #surely(delivery: Delivery, end: (effect: Effect) => Promise<unknown>): void {
    if (this.#stopped || delivery.over || delivery.ending !== undefined) return;
    const effect = directEffect(this.ground.store);
    this.#running++;
    end(effect)
      .catch((err: unknown) => {
        this.ground.log.error({ err, messageId: delivery.id }, 'a delivery could not be ended, and is tried again');
        if (this.#stopped) return;
        this.ground.timers.after(this.ground.limits.sweepMs, () => {
          this.#surely(delivery, end);
        });
      })
      .finally(() => {
        if (--this.#running === 0) this.#idle();
      });
  }

  async #giveBack(
    delivery: Delivery,
    back: Omit<End, 'outcome' | 'kind'> & { readonly kind: FailureKind; readonly delayMs?: number | undefined },
    effect: Effect,
  ): Promise<NackResult> {
    const { entry } = delivery;
    const now = this.ground.clock.now();
    if (entry.attempt >= (entry.maxAttempts ?? Infinity)) {
      return outcomeOf(await this.#settle(delivery, { ...back, outcome: 'deadLettered' }, effect));
    }
    if ((entry.expiresAt ?? Infinity) <= now) {
      return outcomeOf(await this.#settle(delivery, { ...back, outcome: 'expired' }, effect));
    }
    const nextAttemptAt = now + (back.delayMs ?? this.#backoffMs(entry.attempt));
    return this.#release(delivery, nextAttemptAt, back.principal, back.kind, effect);
  }

  #lose(delivery: Delivery, why: Lost, effect: Effect): Promise<unknown> {
    const { entry, deliveredAt } = delivery;
    const principal = DAEMON.id;
    if (why === 'interrupted') return this.#release(delivery, undefined, principal, why, effect, 'interrupted');
    // What its agent never saw is not to blame: it uses up none of its attempts.
    if (deliveredAt === undefined) return this.#release(delivery, undefined, principal, why, effect, 'interrupted');
    if (entry.attempt < (entry.maxAttempts ?? Infinity))
      return this.#release(delivery, undefined, principal, why, effect, 'lost');
    const reason = 'the connection of its agent ended';
    return this.#settle(delivery, { outcome: 'deadLettered', principal, kind: why, reason }, effect);
  }

  /** Doubles with each attempt; spread, so that what failed together does not come back together. */
  #backoffMs(attempt: number): number {
    const { backoffMs, backoffMaxMs } = this.ground.limits;
    const full = Math.min(backoffMs * 2 ** (attempt - 1), backoffMaxMs);
    return Math.round(full * (0.5 + this.ground.random.fraction() / 2));
  }

  #release(
    delivery: Delivery,
    nextAttemptAt: number | undefined,
    principal: string,
    kind: FailureKind,
    effect: Effect,
    how?: Return,
  ): Promise<NackResult> {
    const { entry, envelope, deliveredAt } = delivery;
    const result: NackResult = nextAttemptAt === undefined ? {} : { nextAttemptAt: isoTime(nextAttemptAt) };
    const failed = { attempt: entry.attempt, deliveredAt, endedAt: this.ground.clock.now(), reason: kind };
    const parts =
      envelope === undefined || deliveredAt === undefined
        ? { events: [] }
        : {
            puts: [keptAttempt(envelope.id, { ...failed, deliveredAt })],
            events: [attemptFailed(envelope, principal, entry.attempt, kind, deliveredAt, nextAttemptAt)],
          };
    const plan = (change: LaneChange): void => {
      change.release(entry, nextAttemptAt, how);
    };
    return this.#end(delivery, plan, parts, result, effect).then(() => {
      this.made.meters.attemptFailed(kind);
      return result;
    });
  }

  /** What is kept where there is an idempotency key has nothing that somebody wrote. */
  #settle(delivery: Delivery, end: End, effect: Effect): Promise<Receipt> {
    if (delivery.ending !== undefined) throw stale(delivery.id);
    const reading = this.#reading(delivery.id, delivery.envelope, end);
    if (reading === undefined) return this.#settleWith(delivery, end, {}, effect);
    delivery.ending = reading;
    return reading
      .finally(() => {
        delivery.ending = undefined;
      })
      .then((read) => {
        if (delivery.over) throw stale(delivery.id);
        return this.#settleWith(delivery, end, read, effect);
      });
  }

  async #settleWith(delivery: Delivery, end: End, read: Read, effect: Effect): Promise<Receipt> {
    const { entry, envelope, deliveryId, deliveredAt } = delivery;
    if (envelope === undefined) throw new Error(`message ${delivery.id} was not handed out`);
    const ended = this.#ended(envelope, entry.attempt, end, deliveryId, deliveredAt, read);
    const plan = (change: LaneChange): void => {
      change.settle(entry);
    };
    try {
      await this.#end(delivery, plan, ended, outcomeOf(ended.receipt), effect);
    } catch (error) {
      ended.failed();
      throw error;
    }
    ended.after();
    return ended.receipt;
  }

  /** What an end takes that is read before anything is planned; undefined when that is nothing. */
  #reading(id: string, envelope: KeptEnvelope | undefined, { outcome }: End): Promise<Read> | undefined {
    const contextId = outcome === 'handled' || outcome === 'canceled' ? undefined : envelope?.contextId;
    if (contextId === undefined && outcome !== 'deadLettered') return undefined;
    const text = outcome === 'deadLettered' ? this.#text(id) : undefined;
    const context = contextId === undefined ? undefined : this.ground.contexts.reenter(contextId);
    return Promise.all([text, context]).then(([text, context]) => ({ text, context }));
  }

  /** What is written of a message that comes to its outcome. */
  #ended(
    envelope: KeptEnvelope,
    attempts: number,
    { outcome, principal, kind, reason }: End,
    deliveryId: string | undefined,
    deliveredAt: number | undefined,
    { text, context }: Read,
  ): Ended {
    const { id, to, from, acceptedAt, correlationId, contextId } = envelope;
    const receipt: Receipt = {
      messageId: id,
      agent: to,
      state: 'settled',
      outcome,
      attempts,
      acceptedAt,
      settledAt: isoTime(this.ground.clock.now()),
      ...(reason === undefined ? {} : { reason: reason.slice(0, REASON_CHARACTERS) }),
      ...(correlationId === undefined ? {} : { correlationId }),
    };
    const logged = this.log.entry(from, id);
    const { type, causationId, traceparent } = envelope;
    const isCanceled = outcome === 'canceled';
    const kept: KeptReceipt = {
      receipt,
      sender: from,
      deliveryId: isCanceled ? undefined : deliveryId,
      contextId,
      type,
      causationId,
      traceId: traceOf(traceparent),
      deliveredAt,
      failure: kind,
      logKey: logged.key,
      erased: isCanceled ? true : undefined,
    };
    const letter =
      outcome === 'deadLettered' && text !== undefined ? this.deadLetters.keeping(envelope, attempts, text) : undefined;
    const note = context?.note(outcomeEntry(envelope, principal, outcome));
    return {
      receipt,
      puts: [
        { key: messageKey(id), text: keptReceiptText(kept) },
        logged,
        ...(letter?.puts ?? []),
        ...(note?.puts ?? []),
      ],
      deletes: letter?.deletes ?? [],
      events: [settled(envelope, principal, receipt, deliveredAt, kind), ...(letter?.events ?? [])],
      after: () => {
        letter?.after();
        note?.done();
        this.#told(receipt, from);
      },
      failed: () => {
        letter?.failed();
        note?.failed();
      },
    };
  }

  /** One commit: the end of this delivery, and the claims of what there is room for then. */
  async #end(
    delivery: Delivery,
    plan: (change: LaneChange) => void,
    parts: { readonly puts?: Put[]; readonly deletes?: string[]; readonly events: EventDraft[] },
    answer: NackResult,
    effect: Effect,
  ): Promise<void> {
    const { inboxes } = this.made;
    const { inbox } = delivery;
    const change = inboxes.lanes.change();
    plan(change);
    // Its place is free as soon as this is on disk.
    inbox.remove(delivery);
    const next = inboxes.claim(change, inbox.agentId);
    const { puts, deletes } = change.writes;
    const committing = effect.commit(
      {
        puts: parts.puts === undefined ? puts : [...puts, ...parts.puts],
        deletes: parts.deletes === undefined ? deletes : [...deletes, ...parts.deletes],
        events: parts.events,
      },
      answer,
    );
    delivery.ending = committing;
    try {
      await committing;
    } catch (error) {
      delivery.ending = undefined;
      change.failed();
      inboxes.unclaimed(next);
      inbox.add(delivery);
      throw error;
    }
    inboxes.remove(delivery);
    change.done();
    inboxes.claimed(next);
  }

  async #text(messageId: string, receiptToo = false): Promise<string | undefined> {
    const [found] = await this.ground.store.getTexts([messageKey(messageId)]);
    return found !== undefined && (receiptToo || isPending(found.text)) ? found.text : undefined;
  }

  #told({ messageId, agent, outcome, attempts }: Receipt, sender: string): void {
    this.log.settled(sender);
    if (outcome === 'deadLettered') {
      const about = { messageId, agent, attempts };
      this.ground.log.error(about, 'the attempts of a message are used up: it is a dead letter');
    }
    if (outcome !== undefined) this.made.meters.settled(outcome, this.ground.clock.now() - timeOf(messageId));
  }
}

function outcomeOf({ outcome }: Receipt): NackResult {
  return outcome === undefined ? {} : { outcome };
}

function stale(messageId: string): OrchestratorError {
  return new OrchestratorError('stale_attempt', `message ${messageId}`, { resource: `message/${messageId}` });
}

function unknownMessage(messageId: string): OrchestratorError {
  return new OrchestratorError('not_found', `message ${messageId}`, { resource: `message/${messageId}` });
}
