import type { Timer } from '../host/time.js';
import type { PendingCall, Session } from '../rpc/session.js';
import type { Slotted } from '../rpc/slots.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import type { Chained } from '../host/id-table.js';
import type { Inbox } from './inbox.js';
import type { KeptEnvelope } from './message-text.js';

/** One attempt to have a message handled: from its claim until its recipient has it no more. */
export class Delivery implements Slotted, Chained<Delivery> {
  slot = -1;
  nextInBucket: Delivery | undefined;
  /** The message as it is kept, until it was handed out. */
  text: string | undefined;
  /** Known once the text was. */
  envelope: KeptEnvelope | undefined;
  /** The claim is on disk. */
  claimed = false;
  /** When it was handed out, wall-clock ms. */
  deliveredAt: number | undefined;
  /** The call to the agent; none where it was pulled. */
  call: PendingCall | undefined;
  /** Ends the agent's time with it. */
  deadline: Timer | undefined;
  /** Its end is on the way to the disk: nothing else may end it. */
  ending: Promise<unknown> | undefined;
  /** It was taken off the agent. */
  over = false;

  constructor(
    readonly deliveryId: string,
    readonly entry: LaneEntry,
    readonly inbox: Inbox,
    readonly session: Session,
  ) {}

  get id(): string {
    return this.entry.id;
  }
}
