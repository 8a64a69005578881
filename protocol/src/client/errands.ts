import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Answer, Recipient, RequestOptions } from './message.js';
import type { SendOptions, SendTo, Sent } from './sent.js';
import type { OfParent } from './submitter.js';
import type { SubmitOptions, Task } from './task.js';
import type { ToolCallOptions, ToolResult } from './tool-caller.js';

/** The work on whose behalf something is asked: it gives its hops, its cause and its trace. */
export interface OnBehalf {
  readonly parentId?: string;
}

/** What work asks of others, by way of the daemon. */
export interface Errands {
  request(to: Recipient, payload: unknown, options: RequestOptions & OnBehalf): Promise<Answer>;
  send(to: SendTo, payload: unknown, options: SendOptions & OnBehalf): Promise<Sent>;
  submit(to: Recipient, input: unknown, options: SubmitOptions & OfParent): Promise<Task>;
  callTool(name: string, args: Record<string, unknown>, how: ToolCallOptions & OnBehalf): Promise<ToolResult>;
  notify<M extends 'message.part' | 'tool.progress'>(method: M, params: ParamsOf<Methods[M]>): void;
}
