import type { SendParts } from './splice.js';

/** Where the answer to one call goes: the connection, or a place in a batch's answer. */
export interface ReplySink {
  /** The answer, in parts; called at most once a call. */
  readonly reply: SendParts;
  /** There will be no answer: it was a notification. */
  skip(): void;
}

/** Gathers the answers to a batch and sends them as one array when the last is there; nothing when there is none [JSON-RPC 2.0 §6]. */
export class BatchReply implements ReplySink {
  readonly #answers: string[] = [];

  constructor(
    private open: number,
    private readonly send: SendParts,
  ) {}

  readonly reply: SendParts = (head, body, tail = '') => {
    // Relayed answers are decoded here: a batch is not the hot path.
    const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : (body ?? '');
    this.#answers.push(head + text + tail);
    this.#closeOne();
  };

  skip(): void {
    this.#closeOne();
  }

  #closeOne(): void {
    if (--this.open === 0 && this.#answers.length > 0) this.send(`[${this.#answers.join(',')}]`);
  }
}
