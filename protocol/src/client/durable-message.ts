import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Deliveries } from './deliveries.js';
import type { Errands } from './errands.js';
import { newKey } from './key.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { SubmitOptions, Task } from './task.js';
import type { ToolCallOptions, ToolResult } from './tool-caller.js';
import { within } from './within.js';

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
  readonly #deliveries: Deliveries;

  /** @internal */
  constructor({ message, payload }: Handle, signal: AbortSignal, errands: Errands, deliveries: Deliveries) {
    this.envelope = message;
    this.payload = payload;
    this.signal = signal;
    this.#errands = errands;
    this.#deliveries = deliveries;
  }

  /** Asks another agent, canceled with this message, one hop further and under its trace. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    const how = { ...within(options, this), parentId: this.envelope.id };
    return this.#deliveries.perform(how.signal, () => this.#errands.request(to, payload, how));
  }

  /** Sends another message because of this one: one hop further, in its context and under its trace. */
  async send(to: SendTo, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    const how = { idempotencyKey: newKey(), ...within(options, this), parentId: this.envelope.id };
    return this.#deliveries.perform(how.signal, () => this.#errands.send(to, payload, how));
  }

  /** Submits a task because of this message: in its context and under its trace. It goes on when the message is settled. */
  async submit(to: Recipient, input: unknown, options: SubmitOptions = {}): Promise<Task> {
    const { id, contextId } = this.envelope;
    const because = { causationId: id, ...(contextId === undefined ? {} : { contextId }) };
    const how = { idempotencyKey: newKey(), ...because, ...within(options, this) };
    return this.#deliveries.perform(how.signal, () => this.#errands.submit(to, input, how));
  }

  /** Calls a tool because of this message: in its context and under its trace. */
  async callTool(name: string, args: Record<string, unknown> = {}, options: ToolCallOptions = {}): Promise<ToolResult> {
    const how = { idempotencyKey: newKey(), ...within(options, this), parentId: this.envelope.id };
    return this.#deliveries.perform(how.signal, () => this.#errands.callTool(name, args, how));
  }
}
