import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Timer, Timers } from '../host/time.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import type { Session } from '../rpc/session.js';
import { Slots } from '../rpc/slots.js';
import type { Delivery } from './delivery.js';

/** What memory knows of one agent's inbox: who takes its messages, and which ones they have. */
export class Inbox {
  /** The connection that owns the agent and asked for its messages. */
  session: Session | undefined;
  /** Stops listening for the end of that connection. */
  forget: () => void = () => undefined;
  /** How many messages that connection takes as calls; 0 when it takes none. */
  window = 0;
  /** Everything claimed and not yet ended, handed out or not. */
  readonly deliveries = new Slots<Delivery>();
  bytes = 0;
  /** Claimed to be handed out as calls, in order. */
  readonly outbox: Delivery[] = [];
  /** Its agent was lost with it before: it has the agent for itself, for a time. */
  alone: Delivery | undefined;
  /** Ends that time, or the time that such a one waits for the agent to have nothing else. */
  #patience: Timer | undefined;
  /** Whatever the agent has, it had time to be lost with. */
  #waited = false;
  /** Pulls that wait for something. */
  readonly waiting = new Set<() => void>();

  constructor(readonly agentId: string) {}

  add(delivery: Delivery): void {
    this.deliveries.add(delivery);
    this.bytes += delivery.entry.bytes;
    if (!delivery.entry.suspect) this.#waited = false;
  }

  remove(delivery: Delivery): void {
    if (this.deliveries.delete(delivery)) this.bytes -= delivery.entry.bytes;
    if (this.alone === delivery) this.#end(this.#waited);
  }

  /**
   * Whether a message may be claimed: one that its agent was lost with comes when the agent has nothing else that it could take with it.
   * Both have their time, so that what takes long holds nothing up.
   *
   * @param later calls back when that time is over
   */
  mayClaim(entry: LaneEntry, later: (then: () => void) => Timer): boolean {
    if (!entry.suspect || this.deliveries.size === 0 || this.#waited) return true;
    this.#patience ??= later(() => {
      this.#end(true);
    });
    return false;
  }

  /** It was lost with its agent before. @param later as in {@link Inbox.mayClaim} */
  claimAlone(delivery: Delivery, later: (then: () => void) => Timer): void {
    this.#end(this.#waited);
    this.alone = delivery;
    this.#patience = later(() => {
      this.#end(true);
    });
  }

  /** Nothing waits for being alone any more. */
  forgetSuspects(): void {
    this.#end(false);
  }

  /** Whether one more may be claimed by a pull. */
  hasPullRoom(limit: number): boolean {
    return this.alone === undefined && this.deliveries.size < limit;
  }

  /** Whether one more may be claimed, as far as the window goes. */
  hasRoom(windowBytes: number): boolean {
    const { size } = this.deliveries;
    return this.alone === undefined && size < this.window && (size === 0 || this.bytes < windowBytes);
  }

  /** Nobody is alone any more, nor waits for it. */
  #end(waited: boolean): void {
    this.alone = undefined;
    this.#waited = waited;
    this.#patience?.cancel();
    this.#patience = undefined;
  }
}

/** One pull that waits for its inbox to have something. */
export class Wait {
  #wake: () => void = () => undefined;
  #canceled = false;

  constructor(
    private readonly inbox: Inbox,
    private readonly timers: Timers,
    private readonly limit: number,
  ) {}

  /** Resolves when there may be something, when it is canceled, or after `ms`. @throws OrchestratorError `too_many_pending` */
  async next(ms: number): Promise<void> {
    const { waiting, agentId } = this.inbox;
    if (waiting.size >= this.limit) {
      throw new OrchestratorError('too_many_pending', `${String(this.limit)} pulls of ${agentId} wait already`, {
        limit: this.limit,
      });
    }
    await new Promise<void>((resolve) => {
      const timer = this.timers.after(ms, () => {
        this.#wake();
      });
      this.#wake = () => {
        timer.cancel();
        waiting.delete(this.#wake);
        resolve();
      };
      waiting.add(this.#wake);
    });
  }

  /** Nobody waits any more. */
  cancel(): void {
    this.#canceled = true;
    this.#wake();
  }

  isCanceled(): boolean {
    return this.#canceled;
  }
}
