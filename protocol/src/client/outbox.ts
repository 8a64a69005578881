import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Calls } from './calls.js';
import type { OnBehalf } from './errands.js';
import { newKey } from './key.js';
import type { Receipts } from './receipts.js';
import { Sent, type SendOptions, type SendTo } from './sent.js';

/** Sends durable messages. */
export class Outbox {
  readonly #calls: Calls;
  readonly #receipts: Receipts;

  constructor(calls: Calls, receipts: Receipts) {
    this.#calls = calls;
    this.#receipts = receipts;
  }

  /** Resolves once the daemon has accepted the message; a connection that breaks meanwhile sends nothing twice. */
  async send(to: SendTo, payload: unknown, options: SendOptions & OnBehalf): Promise<Sent> {
    const { signal, timeoutMs, ...metadata } = options;
    const params: ParamsOf<Methods['message.send']> = { to, payload, idempotencyKey: newKey(), ...metadata };
    const accepted = await this.#calls.start('message.send', params, {
      ...(signal ? { signal } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ofWork: (options.parentId ?? options.causationId) !== undefined,
    });
    return new Sent(accepted as ResultOf<Methods['message.send']>, (messageId) => this.#receipts.of(messageId));
  }
}
