import { OrchestratorError } from '../error.js';
import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { CallOptions, Calls } from './calls.js';
import type { OnBehalf } from './errands.js';

type Params = ParamsOf<Methods['tool.call']>;
type Reply = ResultOf<Methods['tool.call']>;
type Arguments = NonNullable<Params['arguments']>;
type Responses = NonNullable<Params['inputResponses']>;

/** What a tool answered, in the shape of MCP's CallToolResult. */
export type ToolResult = Extract<Reply, { readonly kind: 'result' }>['result'];

/** How far a tool is. */
export interface ToolProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** How a tool is called. */
export interface ToolCallOptions
  extends CallOptions, Pick<Params, 'version' | 'contextId' | 'traceparent' | 'idempotencyKey'> {
  /** For the tool itself, ms; what it allows unless said. Waiting for a turn, or for somebody to approve the call, comes on top. */
  readonly timeoutMs?: number;
  /** Told how far it is, as long as that rises. */
  readonly onProgress?: (progress: ToolProgress) => void;
  /** Answers what the tool asks for before it can go on, by the names of the requests. */
  readonly onInput?: (requests: Readonly<Record<string, unknown>>) => Responses | Promise<Responses>;
}

/** How long a tool takes that nothing is known of. */
const TIMEOUT_MS = 60_000;
/** How much longer the client waits: for a turn, for approval, and for the daemon's own answer about either. */
const WAIT_MS = 65_000;
/** Round trips in which a tool may ask for something. */
const ROUNDS = 16;

/** Calls tools, and waits for their results. */
export class ToolCaller {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async call(name: string, args: Arguments, how: ToolCallOptions & OnBehalf): Promise<ToolResult> {
    const { signal, onProgress, onInput, timeoutMs = TIMEOUT_MS, ...said } = how;
    const params: Params = {
      name,
      arguments: args,
      ...said,
      ...(how.timeoutMs === undefined ? {} : { timeoutMs }),
      ...(onProgress ? { progress: true } : {}),
    };
    const options = {
      timeoutMs: timeoutMs + WAIT_MS,
      onPart: onProgress && ((progress: unknown) => onProgress(progress as ToolProgress)),
      ofWork: how.parentId !== undefined,
      ...(signal ? { signal } : {}),
    };
    let goesOn: Pick<Params, 'inputResponses' | 'requestState'> = {};
    for (let round = 0; round < ROUNDS; round++) {
      const reply = (await this.#calls.start('tool.call', { ...params, ...goesOn }, options)) as Reply;
      if (reply.kind === 'result') return reply.result;
      if (reply.kind === 'task' || onInput === undefined) throw unfinished(name, reply);
      const { inputRequests = {}, requestState } = reply;
      const inputResponses = await onInput(inputRequests);
      goesOn = { inputResponses, ...(requestState === undefined ? {} : { requestState }) };
    }
    throw new OrchestratorError('tool_failed', `${name} asked for input ${String(ROUNDS)} times`);
  }
}

/** What the daemon was answered instead of a result, for who can do something with it. */
function unfinished(name: string, reply: Exclude<Reply, { readonly kind: 'result' }>): OrchestratorError {
  const what = reply.kind === 'task' ? 'goes on as a task of its provider' : 'asks for input; say onInput';
  return new OrchestratorError('tool_failed', `${name} ${what}`, { ...reply });
}
