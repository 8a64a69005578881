import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { CallOptions } from './calls.js';

type SendParams = ParamsOf<Methods['message.send']>;

/** What became of a message, or that it is on its way. */
export type Receipt = ResultOf<Methods['message.receipt']>;

/** How a message is sent. Without an `idempotencyKey` the client makes one, so that a lost connection sends nothing twice. */
export interface SendOptions extends CallOptions, Omit<SendParams, 'to' | 'payload' | 'parentId'> {}

/** A message that the daemon has accepted: it survives anything, and ends in exactly one receipt. */
export class Sent {
  readonly messageId: string;
  /** Whose inbox it is in. */
  readonly agent: string;
  readonly acceptedAt: string;
  readonly #awaitReceipt: (messageId: string) => Promise<Receipt>;
  #receipt: Promise<Receipt> | undefined;

  /** @internal */
  constructor(
    { messageId, agent, acceptedAt }: ResultOf<Methods['message.send']>,
    awaitReceipt: (messageId: string) => Promise<Receipt>,
  ) {
    this.messageId = messageId;
    this.agent = agent;
    this.acceptedAt = acceptedAt;
    this.#awaitReceipt = awaitReceipt;
  }

  /** What became of it, once that is certain; over all reconnects. Asked for when first looked at. */
  get receipt(): Promise<Receipt> {
    return (this.#receipt ??= this.#awaitReceipt(this.messageId));
  }
}
