import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { CallOptions } from './calls.js';
import type { Errands } from './errands.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { Time } from './time.js';
import type { ToolCallOptions, ToolResult } from './tool-caller.js';
import { within } from './within.js';

type Deliver = ParamsOf<Methods['message.deliver']>;
type RequestParams = ParamsOf<Methods['message.request']>;

/** What travels with a payload: who sent it, for what, through how many hands. */
export type Envelope = Deliver['message'];
/** One agent by its id, or whichever agent has a skill. */
export type Recipient = RequestParams['to'];
/** Who answered, and what. */
export type Answer = ResultOf<Methods['message.request']>;

/** How an agent is asked. */
export interface RequestOptions extends CallOptions {
  /** Called with each part of a streamed answer, in order. */
  readonly onPart?: (payload: unknown) => void;
  /** W3C trace context. */
  readonly traceparent?: string;
}

/** A request that an agent is answering: somebody waits for it. */
export class Message {
  readonly kind = 'request';
  /** Part of every kind of work, so that a handler need not ask which it has; whoever waits for an answer is told nothing. */
  readonly progress: (fraction: number, message?: string) => void = () => undefined;
  readonly envelope: Envelope;
  readonly payload: unknown;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly #errands: Errands;
  readonly #time: Time;
  readonly #receivedAt: number;

  /** @internal */
  constructor({ message, payload }: Deliver, signal: AbortSignal, errands: Errands, time: Time) {
    this.envelope = message;
    this.payload = payload;
    this.signal = signal;
    this.#errands = errands;
    this.#time = time;
    this.#receivedAt = time.monotonicMs();
  }

  /** Milliseconds until its sender stops waiting; 0 when that has passed. */
  get remainingMs(): number {
    return Math.max(0, Math.round(this.envelope.timeoutMs - (this.#time.monotonicMs() - this.#receivedAt)));
  }

  /** Sends one part of the answer ahead; those who do not take parts see none of it. */
  part(payload: unknown): void {
    if (this.envelope.stream !== true || this.signal.aborted) return;
    this.#errands.notify('message.part', { messageId: this.envelope.id, payload });
  }

  /** Asks another agent on behalf of this message: within its deadline, canceled with it, under its hop count and trace. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    const { envelope, signal } = this;
    return this.#errands.request(to, payload, {
      ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
      timeoutMs: Math.max(1, this.remainingMs),
      ...options,
      signal: options.signal ? AbortSignal.any([signal, options.signal]) : signal,
      parentId: envelope.id,
    });
  }

  /** Sends a message because of this one: one hop further and under its trace. */
  async send(to: SendTo, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    const { id, traceparent } = this.envelope;
    const trace = traceparent === undefined ? {} : { traceparent };
    return this.#errands.send(to, payload, { ...trace, ...options, parentId: id });
  }

  /** Calls a tool on behalf of this message: within its deadline, canceled with it, and under its trace. */
  async callTool(name: string, args: Record<string, unknown> = {}, options: ToolCallOptions = {}): Promise<ToolResult> {
    return this.#errands.callTool(name, args, { ...within(options, this), parentId: this.envelope.id });
  }
}
