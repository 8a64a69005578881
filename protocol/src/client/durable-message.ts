import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Errands } from './errands.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { SubmitOptions, Task } from './task.js';

type Handle = ParamsOf<Methods['message.handle']>;

/** What travels with the payload of a durable message. */
export type DurableEnvelope = Handle['message'];

/** A message that an agent is handling. Once its handler is done it is acknowledged; what the handler throws hands it back. */
export class DurableMessage {
  readonly kind = 'message';
  /** Part of every kind of work, so that a handler need not ask which it has; nobody waits to be told. */
  readonly progress: (fraction: number, message?: string) => void = () => undefined;
  /** As {@link DurableMessage.progress}: nobody waits for parts of an answer. */
  readonly part: (payload: unknown) => void = () => undefined;
  readonly envelope: DurableEnvelope;
  readonly payload: unknown;
  /** Aborted when the message is taken back, or the client closes; a lost connection alone does not abort it. */
  readonly signal: AbortSignal;
  readonly #errands: Errands;

  /** @internal */
  constructor({ message, payload }: Handle, signal: AbortSignal, errands: Errands) {
    this.envelope = message;
    this.payload = payload;
    this.signal = signal;
    this.#errands = errands;
  }

  /** Asks another agent, canceled with this message, one hop further and under its trace. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#errands.request(to, payload, { ...this.#within(options), parentId: this.envelope.id });
  }

  /** Sends another message because of this one: one hop further, in its context and under its trace. */
  async send(to: SendTo, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#errands.send(to, payload, { ...this.#within(options), parentId: this.envelope.id });
  }

  /** Submits a task because of this message: in its context and under its trace. It goes on when the message is settled. */
  async submit(to: Recipient, input: unknown, options: SubmitOptions = {}): Promise<Task> {
    const { id, contextId } = this.envelope;
    return this.#errands.submit(to, input, {
      causationId: id,
      ...(contextId === undefined ? {} : { contextId }),
      ...this.#within(options),
    });
  }

  #within<O extends { readonly signal?: AbortSignal; readonly traceparent?: string }>(options: O): O {
    const { traceparent } = this.envelope;
    const signal = options.signal ? AbortSignal.any([this.signal, options.signal]) : this.signal;
    return { ...(traceparent === undefined ? {} : { traceparent }), ...options, signal };
  }
}
