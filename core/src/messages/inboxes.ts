import type { Agent } from '../agents/agent.js';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Log } from '../host/log.js';
import type { Clock, Timer, Timers } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Answer, Session, Sessions } from '../rpc/session.js';
import { TimingWheel } from '../rpc/timing-wheel.js';
import type { Store } from '../store/store.js';
import type { LaneChange } from '../lanes/lane-change.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import { Lanes } from '../lanes/lanes.js';
import { Delivery } from './delivery.js';
import { IdTable } from '../host/id-table.js';
import { Inbox, Wait } from './inbox.js';
import type { MessageIds } from './message-ids.js';
import type { MessageLimits } from './message-limits.js';
import type { MessageMeters } from './message-meters.js';
import { deliveryText, envelopeIn, messageKey } from './message-text.js';

/** How late the end of an agent's time with a message may be noticed. */
const DEADLINE_TICK_MS = 50;
/** The inbox keeps the time of its deliveries itself; the call only must not end before. */
const CALL_MS = 2 ** 31 - 1;

/** How an agent's connection came to have its messages no more; `interrupted` when the daemon itself stops. */
export type Lost = 'connection' | 'takeover' | 'interrupted';

/** What is done when a delivery ends. */
export interface DeliveryEnds {
  answered(delivery: Delivery, answer: Exclude<Answer, { kind: 'closed' }>): void;
  timedOut(delivery: Delivery): void;
  /** The connection that had them is gone, or has the agent no more. */
  lost(inbox: Inbox, deliveries: readonly Delivery[], why: Lost): void;
  /** It could not be handed out: the connection takes no more calls. */
  notTaken(delivery: Delivery): void;
  /** What it is about is no more. */
  gone(delivery: Delivery): void;
  /** Nobody has it, and nobody may: its time is over, or its attempts are used up. */
  over(entry: LaneEntry, why: 'expired' | 'exhausted'): Promise<void>;
}

/** What {@link Inboxes} stand on. */
export interface InboxGround {
  readonly store: Store;
  readonly registry: AgentRegistry;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: MessageIds;
  readonly limits: MessageLimits;
  readonly log: Log;
}

/**
 * The agents' inboxes: who takes messages from them, and who has which. What one may still take is claimed in the commit that made room
 * for it (a send, or the end of another delivery) and handed out after it, in order.
 */
export class Inboxes {
  readonly lanes: Lanes;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #deliveries = new IdTable<Delivery>();
  readonly #wheel: TimingWheel;
  #stopped = false;

  constructor(
    private readonly ground: InboxGround,
    private readonly meters: MessageMeters,
    private readonly ends: DeliveryEnds,
  ) {
    const { store, clock, timers, limits, log, registry } = ground;
    this.#wheel = new TimingWheel(timers, clock, DEADLINE_TICK_MS);
    const listener = {
      ready: (agentId: string) => {
        this.#ready(agentId);
      },
      over: (entry: LaneEntry, why: 'expired' | 'exhausted') => ends.over(entry, why),
      failed: (err: unknown) => {
        log.error({ err }, 'an inbox could not be read or written, and is tried again');
      },
    };
    this.lanes = new Lanes('inboxes', store, clock, timers, listener, {
      items: limits.inboxMessages,
      bytes: limits.inboxBytes,
      loadedItems: limits.inboxLoaded,
      delayedItems: limits.inboxDelayed,
      sweepMs: limits.sweepMs,
    });
    registry.onReplaced((agent, session) => {
      this.#leave(agent.id, session, 'takeover');
    });
    registry.onMoved((agent) => {
      const inbox = this.#inboxes.get(agent.id);
      if (inbox?.session === undefined) return;
      if (agent.session === inbox.session) this.#ready(agent.id);
      else this.#leave(agent.id, inbox.session, 'connection');
    });
  }

  /** Messages that agents have now which can still be heard. */
  get inFlight(): number {
    return this.#deliveries.values().filter(({ session }) => !session.closed).length;
  }

  /** Reads how full each inbox is; answers how to stop. */
  async start(): Promise<() => Promise<void>> {
    const stopLanes = await this.lanes.start();
    return async () => {
      this.#stopped = true;
      for (const delivery of this.#deliveries.values()) delivery.deadline?.cancel();
      await stopLanes();
    };
  }

  /** The delivery of a message that somebody has. */
  find(messageId: string): Delivery | undefined {
    return this.#deliveries.get(messageId);
  }

  /** Messages that an agent has now. */
  inFlightOf(agentId: string): number {
    return this.#inboxes.get(agentId)?.deliveries.size ?? 0;
  }

  /** The connection takes the agent's messages as calls, so many at once. */
  open(agent: Agent, session: Session, window: number): void {
    this.#attach(agent.id, session).window = window;
    this.lanes.watch(agent.id);
    this.#pump(agent.id);
  }

  /** It takes no more; what it has stays its own. */
  close(agent: Agent): void {
    const inbox = this.#inboxes.get(agent.id);
    if (inbox !== undefined) inbox.window = 0;
  }

  /** Plans to claim what an agent may still take; whoever commits it says then how that went. */
  claim(change: LaneChange, agentId: string): Delivery[] {
    const inbox = this.#inboxes.get(agentId);
    const claimed: Delivery[] = [];
    if (inbox?.session === undefined || !this.#takes(inbox)) return claimed;
    while (inbox.hasRoom(this.ground.limits.windowBytes)) {
      const entry = change.claim(agentId, (next) => inbox.mayClaim(next, this.#later(inbox)));
      if (entry === undefined) break;
      const delivery = this.#claim(entry, inbox, inbox.session);
      inbox.outbox.push(delivery);
      claimed.push(delivery);
    }
    return claimed;
  }

  /**
   * Messages that an agent takes by a call of its own, as JSON of their deliveries; waits for the first if there is none.
   *
   * @throws OrchestratorError `too_many_pending` when too many calls wait already
   */
  async pull(agent: Agent, session: Session, limit: number, waitMs: number, call: Call): Promise<readonly string[]> {
    const { clock, limits, store } = this.ground;
    const inbox = this.#attach(agent.id, session);
    this.lanes.watch(agent.id);
    const until = clock.monotonicMs() + waitMs;
    const wait = new Wait(inbox, this.ground.timers, limits.pullWaiters);
    call.onCancel(() => {
      wait.cancel();
    });
    for (;;) {
      await this.lanes.looked(agent.id);
      if (wait.isCanceled() || inbox.session !== session || !this.#isHere(inbox)) return [];
      const change = this.lanes.change();
      const deliveries: Delivery[] = [];
      // One that is suspended waits like one that has nothing.
      const takes = this.#takes(inbox);
      while (takes && deliveries.length < limit && inbox.hasPullRoom(limits.pulledMessages)) {
        const entry = change.claim(agent.id, (next) => inbox.mayClaim(next, this.#later(inbox)));
        if (entry === undefined) break;
        deliveries.push(this.#claim(entry, inbox, session));
      }
      if (deliveries.length > 0) {
        await this.#commitClaims(change, deliveries);
        for (const delivery of deliveries) delivery.claimed = true;
        const texts = await store.getTexts(deliveries.map(({ id }) => messageKey(id))).catch((error: unknown) => {
          this.ends.lost(inbox, deliveries, 'connection');
          throw error;
        });
        // Its answer goes to nobody.
        if (wait.isCanceled()) {
          this.ends.lost(inbox, deliveries, 'interrupted');
          return [];
        }
        return deliveries.flatMap((delivery, i) => this.#pulled(delivery, texts[i]?.text) ?? []);
      }
      const left = until - clock.monotonicMs();
      if (left <= 0) return [];
      await wait.next(left);
    }
  }

  /** Claims are on disk: their messages are handed out once they are read. */
  claimed(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) delivery.claimed = true;
    const unread = deliveries.filter(({ text }) => text === undefined);
    if (unread.length > 0) void this.#read(unread);
    const first = deliveries[0];
    if (first !== undefined) this.#handOut(first.inbox);
  }

  /** Claims came to nothing. */
  unclaimed(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.remove(delivery);
  }

  /** Its recipient has it no more. */
  remove(delivery: Delivery): void {
    const { inbox } = delivery;
    delivery.over = true;
    delivery.deadline?.cancel();
    inbox.remove(delivery);
    this.#deliveries.delete(delivery);
    const at = inbox.outbox.indexOf(delivery);
    if (at >= 0) inbox.outbox.splice(at, 1);
    if (inbox.session === undefined) this.#dropEmpty(inbox);
  }

  /** Gives an agent time with a message, from now; answers until when, wall-clock ms. */
  extend(delivery: Delivery, ms: number): number {
    delivery.deadline?.cancel();
    delivery.deadline = this.#wheel.after(ms, () => {
      delivery.deadline = undefined;
      delivery.call?.cancel('its time is over; the message is delivered again');
      this.ends.timedOut(delivery);
    });
    return this.ground.clock.now() + ms;
  }

  #claim(entry: LaneEntry, inbox: Inbox, session: Session): Delivery {
    const delivery = new Delivery(this.ground.ids.next(), entry, inbox, session);
    inbox.add(delivery);
    this.#deliveries.add(delivery);
    if (entry.suspect) inbox.claimAlone(delivery, this.#later(inbox));
    return delivery;
  }

  /** Calls back after the time that messages with which an agent was lost have, and claims what may be claimed then. */
  #later(inbox: Inbox): (then: () => void) => Timer {
    return (then) =>
      this.#wheel.after(this.ground.limits.aloneMs, () => {
        then();
        this.#ready(inbox.agentId);
      });
  }

  async #commitClaims(change: LaneChange, deliveries: readonly Delivery[]): Promise<void> {
    try {
      await this.ground.store.commit(change.writes);
    } catch (error) {
      change.failed();
      this.unclaimed(deliveries);
      throw error;
    }
    change.done();
  }

  /** A pulled delivery as its agent gets it; `undefined` when the message is no more, or nobody is there to get it. */
  #pulled(delivery: Delivery, text: string | undefined): string | undefined {
    const { inbox, session, entry, deliveryId } = delivery;
    const { visibilityMs } = this.ground.limits;
    // Its connection ended while it was read.
    if (delivery.ending !== undefined || delivery.over) return undefined;
    if (text === undefined) {
      this.ends.gone(delivery);
      return undefined;
    }
    delivery.envelope = envelopeIn(text);
    if (session !== inbox.session) {
      this.ends.lost(inbox, [delivery], 'connection');
      return undefined;
    }
    delivery.deliveredAt = this.ground.clock.now();
    this.extend(delivery, visibilityMs);
    (entry.attempt === 1 ? this.meters.delivered : this.meters.redelivered).add();
    return deliveryText(text, deliveryId, entry.attempt, visibilityMs);
  }

  #attach(agentId: string, session: Session): Inbox {
    let inbox = this.#inboxes.get(agentId);
    if (inbox === undefined) this.#inboxes.set(agentId, (inbox = new Inbox(agentId)));
    if (inbox.session === session) return inbox;
    if (inbox.session !== undefined) this.#leave(agentId, inbox.session, 'takeover');
    this.#inboxes.set(agentId, inbox);
    inbox.session = session;
    inbox.forget = session.onClose(() => {
      this.#leave(agentId, session, this.ground.sessions.draining ? 'interrupted' : 'connection');
    });
    return inbox;
  }

  /** A connection has the agent no more. */
  #leave(agentId: string, session: Session, why: Lost): void {
    const inbox = this.#inboxes.get(agentId);
    if (inbox?.session !== session) return;
    inbox.forget();
    inbox.session = undefined;
    inbox.window = 0;
    inbox.forgetSuspects();
    this.lanes.unwatch(agentId);
    const had = inbox.deliveries.values().filter((delivery) => delivery.session === session && delivery.claimed);
    for (const delivery of had) delivery.call?.cancel('another connection has taken the agent over');
    this.#dropEmpty(inbox);
    if (had.length > 0) this.ends.lost(inbox, had, why);
  }

  /** Another connection may have an inbox of its own by now, made while this one seemed empty. */
  #dropEmpty(inbox: Inbox): void {
    if (inbox.deliveries.size === 0 && this.#inboxes.get(inbox.agentId) === inbox) this.#inboxes.delete(inbox.agentId);
  }

  /** Whether the agent is still its session's, in a daemon that goes on. */
  #isHere({ agentId, session }: Inbox): boolean {
    if (this.#stopped || this.ground.sessions.draining) return false;
    const agent = this.ground.registry.directory.find(agentId);
    return agent !== undefined && agent.session === session;
  }

  /** Whether messages are handed to the agent at all. */
  #takes(inbox: Inbox): boolean {
    if (!this.#isHere(inbox)) return false;
    const state = this.ground.registry.directory.find(inbox.agentId)?.lease.state;
    return state === 'ready' || state === 'busy' || state === 'registered';
  }

  #ready(agentId: string): void {
    const inbox = this.#inboxes.get(agentId);
    if (inbox === undefined) return;
    for (const wake of [...inbox.waiting]) wake();
    this.#pump(agentId);
  }

  /** Claims what there is room for, where nothing else is committed for the agent. */
  #pump(agentId: string): void {
    const change = this.lanes.change();
    const deliveries = this.claim(change, agentId);
    if (deliveries.length === 0) return;
    this.#commitClaims(change, deliveries).then(
      () => {
        this.claimed(deliveries);
      },
      (err: unknown) => {
        this.ground.log.error({ err, agentId }, 'messages could not be claimed, and are tried again');
        this.ground.timers.after(this.ground.limits.sweepMs, () => {
          this.#pump(agentId);
        });
      },
    );
  }

  async #read(deliveries: readonly Delivery[]): Promise<void> {
    try {
      const texts = await this.ground.store.getTexts(deliveries.map(({ id }) => messageKey(id)));
      for (const [i, delivery] of deliveries.entries()) delivery.text = texts[i]?.text ?? '';
    } catch (err) {
      this.ground.log.error({ err }, 'messages could not be read, and are tried again');
      if (this.#stopped) return;
      this.ground.timers.after(this.ground.limits.sweepMs, () => void this.#read(deliveries));
      return;
    }
    const first = deliveries[0];
    if (first !== undefined) this.#handOut(first.inbox);
  }

  /** Hands out what was claimed, in order, as far as it was read. */
  #handOut(inbox: Inbox): void {
    for (let next = inbox.outbox[0]; next?.claimed === true && next.text !== undefined; next = inbox.outbox[0]) {
      inbox.outbox.shift();
      const { text } = next;
      next.text = undefined;
      if (text !== '') next.envelope ??= envelopeIn(text);
      if (text === '') this.ends.gone(next);
      else if (next.session !== inbox.session) this.ends.lost(inbox, [next], 'connection');
      else this.#deliver(next, text);
    }
  }

  #deliver(delivery: Delivery, text: string): void {
    const { session, entry, deliveryId } = delivery;
    const { visibilityMs } = this.ground.limits;
    delivery.deliveredAt = this.ground.clock.now();
    try {
      const params = new RelayedJson(deliveryText(text, deliveryId, entry.attempt, visibilityMs));
      delivery.call = session.request('message.handle', params, CALL_MS, (answer) => {
        delivery.call = undefined;
        // The end of the connection is told for all it had.
        if (answer.kind !== 'closed' && !delivery.over) this.ends.answered(delivery, answer);
      });
      this.extend(delivery, visibilityMs);
    } catch {
      // The client is too far behind for one more call: it was not handed out.
      delivery.deliveredAt = undefined;
      this.ends.notTaken(delivery);
      return;
    }
    (entry.attempt === 1 ? this.meters.delivered : this.meters.redelivered).add();
  }
}
