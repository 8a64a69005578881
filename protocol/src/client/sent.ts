import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { CallOptions } from './calls.js';

type SendParams = ParamsOf<Methods['message.send']>;

/** Who a message goes to: an agent, whichever has a skill, or every agent that speaks in a context. */
export type SendTo = SendParams['to'];

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
  /** One for each agent where it was sent to a context, itself the first of them; itself alone otherwise. */
  readonly messages: readonly { readonly messageId: string; readonly agent: string }[];
  readonly #awaitReceipt: (messageId: string) => Promise<Receipt>;
  readonly #receipts = new Map<string, Promise<Receipt>>();

  /** @internal */
  constructor(accepted: ResultOf<Methods['message.send']>, awaitReceipt: (messageId: string) => Promise<Receipt>) {
    const { messageId, agent, acceptedAt, messages = [{ messageId, agent }] } = accepted;
    this.messageId = messageId;
    this.agent = agent;
    this.acceptedAt = acceptedAt;
    this.messages = messages;
    this.#awaitReceipt = awaitReceipt;
  }

  /** What became of it, once that is certain; over all reconnects. Asked for when first looked at. */
  get receipt(): Promise<Receipt> {
    return this.#of(this.messageId);
  }

  /** What became of each of its {@link Sent.messages}, in their order. */
  get receipts(): Promise<Receipt[]> {
    return Promise.all(this.messages.map(({ messageId }) => this.#of(messageId)));
  }

  #of(messageId: string): Promise<Receipt> {
    const asked = this.#receipts.get(messageId) ?? this.#awaitReceipt(messageId);
    this.#receipts.set(messageId, asked);
    return asked;
  }
}
