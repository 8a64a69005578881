import type { Cancellation, Principal, ToolExchange } from '@ai-orchestrator/core/plugin';
import type { JsonObject, JsonValue } from '../upstream/json.js';
import { LOG_LEVELS, type RequestId } from './protocol.js';

/** Through whose eyes the gateway is seen: who asks, and by which tool set. */
export interface View {
  readonly principal: Principal;
  /** Name of a tool set; everything the principal may use without. */
  readonly set: string | undefined;
  /** Whether tools are looked for, not listed. */
  readonly searches: boolean;
}

/** A call became a task. */
export interface TaskOutcome {
  readonly kind: 'task';
  readonly task: JsonObject;
  /** Id of the provider that has it. */
  readonly provider?: string;
}

/** What came of a request to whoever has the tool, prompt or resource; the same for both eras. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | {
      readonly kind: 'input_required';
      readonly inputRequests?: JsonObject;
      readonly requestState?: string;
      /** Which of several upstreams asks; the request goes on with it alone. */
      readonly holder?: string;
      /** The state is one of ours already. */
      readonly sealed?: true;
    }
  | TaskOutcome
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly data?: JsonValue };

/** A request that may have to ask back: tools/call, prompts/get, resources/read [MCP 2026-07-28, basic/patterns/mrtr]. */
export interface Operation {
  readonly view: View;
  /** Whom it goes to now; part of what a sealed state is bound to. */
  readonly target: () => string;
  /** Name of the tool that is called; none for other requests. */
  readonly tool?: string;
  /** What makes it this request and no other: method, name and arguments. */
  readonly digest: () => string;
  /** @param holder the upstream that asked, where the request goes on */
  run(exchange: ToolExchange, signal: Cancellation, holder?: string): Promise<Outcome>;
}

/** A client while one request of it is answered. */
export interface Asker {
  readonly clientCapabilities: JsonObject;
  readonly progressToken: RequestId | undefined;
  /** Least severe log messages it wants with this request; none where it said nothing and its revision wants to be asked. */
  readonly logLevel: string | undefined;
  /** `_meta` to hand on. */
  readonly meta: JsonObject | undefined;
  /** Whether it can follow a task, or wants one. */
  readonly task?: 'may' | 'must' | undefined;
  /** Says a notification that belongs to the request. */
  say(method: string, params: JsonObject): void;
}

/** What a provider is told of the asker. */
export function exchangeOf(
  asker: Asker,
  ask: ToolExchange['ask'] | undefined,
  continuation?: ToolExchange['continuation'],
): ToolExchange {
  const { clientCapabilities, progressToken, logLevel, meta, task } = asker;
  // With every member, absent or not: objects of one shape are dealt with faster than those that are put together.
  return {
    clientCapabilities,
    progress:
      progressToken === undefined
        ? undefined
        : (progress) => asker.say('notifications/progress', { progressToken, ...progress }),
    logLevel,
    notify:
      logLevel === undefined
        ? undefined
        : (method, params) => {
            if (method !== 'notifications/message' || isLoud(params.level, logLevel)) asker.say(method, params);
          },
    task,
    ask,
    continuation,
    meta,
  };
}

/** The members of a request's `_meta` that the protocol does not reserve; `undefined` when there are none. */
export function metaToHandOn(meta: JsonObject): JsonObject | undefined {
  let kept: Record<string, JsonValue> | undefined;
  for (const name in meta) {
    const value = meta[name];
    if (value === undefined || name === 'progressToken' || name.startsWith('io.modelcontextprotocol/')) continue;
    (kept ??= {})[name] = value;
  }
  return kept;
}

/** Whether a log message is of a level that is wanted. */
export function isLoud(level: JsonValue | undefined, least: string): boolean {
  return typeof level === 'string' && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}
