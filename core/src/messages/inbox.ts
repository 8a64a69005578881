import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Timers } from '../host/time.js';
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
  /** Pulls that wait for something. */
  readonly waiting = new Set<() => void>();

  constructor(readonly agentId: string) {}

  add(delivery: Delivery): void {
    this.deliveries.add(delivery);
    this.bytes += delivery.entry.bytes;
  }

  remove(delivery: Delivery): void {
    if (this.deliveries.delete(delivery)) this.bytes -= delivery.entry.bytes;
  }

  /** Whether one more may be claimed, as far as the window goes. */
  hasRoom(windowBytes: number): boolean {
    const { size } = this.deliveries;
    return size < this.window && (size === 0 || this.bytes < windowBytes);
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

  get canceled(): boolean {
    return this.#canceled;
  }
}
