import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Errands } from './errands.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { ToolCallOptions, ToolProgress, ToolResult } from './tool-caller.js';
import { within } from './within.js';

type Invoke = ParamsOf<Methods['tool.invoke']>;

/** What travels with the arguments of a tool: which call it is, whose, in which context and under which trace. */
export type ToolInvocation = Omit<Invoke, 'arguments'>;

/** A call of a tool that an agent is answering. */
export class ToolWork {
  readonly kind = 'tool';
  readonly envelope: ToolInvocation;
  /** The arguments. */
  readonly payload: unknown;
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  readonly #errands: Errands;

  /** @internal */
  constructor({ arguments: payload, ...envelope }: Invoke, signal: AbortSignal, errands: Errands) {
    this.payload = payload;
    this.envelope = envelope;
    this.signal = signal;
    this.#errands = errands;
  }

  /** Says how far it is, to a caller that wants to know; what does not rise is dropped. */
  progress(progress: number, total?: number, message?: string): void {
    if (this.signal.aborted) return;
    const said: ToolProgress = {
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    };
    this.#errands.notify('tool.progress', { callId: this.envelope.callId, ...said });
  }

  /** Asks an agent, canceled with this call, one hop further and under its trace. */
  async request(to: Recipient, payload: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#errands.request(to, payload, { ...within(options, this), parentId: this.envelope.callId });
  }

  /** Sends a message because of this call: in its context and under its trace. */
  async send(to: SendTo, payload: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#errands.send(to, payload, { ...within(options, this), parentId: this.envelope.callId });
  }

  /** Calls another tool because of this call: in its context and under its trace. */
  async callTool(name: string, args: Record<string, unknown> = {}, options: ToolCallOptions = {}): Promise<ToolResult> {
    return this.#errands.callTool(name, args, { ...within(options, this), parentId: this.envelope.callId });
  }
}
