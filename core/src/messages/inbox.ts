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
