import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Calls } from './calls.js';
import type { OnBehalf } from './errands.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import type { ClientLimits } from './options.js';

/** How much longer than an agent's deadline the client waits, so that the daemon's own answer about it comes through. */
const GRACE_MS = 1_000;

/** Asks agents, and waits for their answers. */
export class Requester {
  readonly #calls: Calls;
  readonly #limits: ClientLimits;

  constructor(calls: Calls, limits: ClientLimits) {
    this.#calls = calls;
    this.#limits = limits;
  }

  async request(to: Recipient, payload: unknown, how: RequestOptions & OnBehalf): Promise<Answer> {
    const { timeoutMs = this.#limits.callTimeoutMs, signal, onPart, traceparent, parentId } = how;
    const params: ParamsOf<Methods['message.request']> = {
      to,
      payload,
      timeoutMs,
      ...(onPart ? { stream: true } : {}),
      ...(parentId === undefined ? {} : { parentId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return (await this.#calls.start('message.request', params, {
      timeoutMs: timeoutMs + GRACE_MS,
      onPart,
      ofWork: parentId !== undefined,
      ...(signal ? { signal } : {}),
    })) as Answer;
  }
}
