import type { deliveryMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { FailureKind } from './message-events.js';

/** What became of a message, as its sender reads it. */
export type Receipt = Static<typeof deliveryMethods.Receipt>;

/** How a message may end. */
export type Outcome = NonNullable<Receipt['outcome']>;

/** A receipt as it is kept under the message's key. */
export interface KeptReceipt {
  readonly receipt: Receipt;
  /** Principal that sent the message. */
  readonly sender: string;
  /** The delivery that settled it. */
  readonly deliveryId?: string | undefined;
  readonly contextId?: string | undefined;
  /** What timelines show of the message. */
  readonly type: string;
  readonly causationId?: string | undefined;
  readonly traceId?: string | undefined;
  /** When the delivery that settled it began, wall-clock ms. */
  readonly deliveredAt?: number | undefined;
  /** Why that delivery came to nothing. */
  readonly failure?: FailureKind | undefined;
  /** Its key in the log of its sender. */
  readonly logKey: string;
  /** What somebody wrote was taken out, with its context. */
  readonly erased?: true | undefined;
}
