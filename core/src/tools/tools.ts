import type { Principal } from '../permissions/principal.js';
import { token } from '../plugin/token.js';
import type { JsonValue } from '../store/store.js';
import type { Cancellation } from './cancellation.js';

/** A JSON object. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** What a tool answers, in the shape of MCP's CallToolResult: the one shape of all tools. */
export interface ToolResult {
  readonly content: readonly JsonValue[];
  readonly structuredContent?: JsonValue;
  readonly isError?: boolean;
  readonly _meta?: JsonObject;
}

/** A tool as its provider describes it. */
export interface ToolDefinition {
  /** 1 to 128 of `A-Za-z0-9_.-/`; where a provider has a prefix, with it. */
  readonly name: string;
  /** Semantic version, at most 64 characters. */
  readonly version: string;
  readonly title?: string;
  readonly description?: string;
  /** JSON Schema 2020-12, or draft-07 where `$schema` says so, of an object; local references only. */
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  /** MCP's: readOnlyHint, destructiveHint, idempotentHint, openWorldHint, title. */
  readonly annotations?: JsonObject;
  /** What a listing hands on unchanged besides: MCP's `_meta`, icons, execution. */
  readonly meta?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
  /** What it needs: network, files, secrets, spend, or names of one's own such as `secrets:github`. */
  readonly capabilities?: readonly string[];
  readonly hints?: { readonly costUsd?: number; readonly timeMs?: number };
  /** The same arguments give the same result for so long, so that it may be kept. */
  readonly pure?: { readonly ttlMs: number };
  readonly limits?: {
    readonly timeoutMs?: number;
    readonly concurrent?: number;
    readonly concurrentPerCaller?: number;
  };
}

/** What flows between provider and caller while a call runs; a member that is absent is what the caller cannot do. */
export interface ToolExchange {
  readonly progress?:
    ((progress: { readonly progress: number; readonly total?: number; readonly message?: string }) => void) | undefined;
  /** Log messages and other notifications that belong to this call, in MCP's shape. */
  readonly notify?: ((method: string, params: JsonObject) => void) | undefined;
  /** A question of a legacy MCP server (elicitation/create, sampling/createMessage, roots/list); rejects when the caller cannot. */
  readonly ask?: ((method: string, params: JsonObject, signal: Cancellation) => Promise<JsonObject>) | undefined;
  /** Least severe log messages that the caller wants; one of MCP's levels. */
  readonly logLevel?: string | undefined;
  /** MCP client capabilities of the caller, by their names of 2026-07-28. */
  readonly clientCapabilities?: JsonObject | undefined;
  /** Whether the caller takes a durable task for an answer: it may be given one, or it wants one. */
  readonly task?: 'may' | 'must' | undefined;
  /** A modern round trip that goes on: what the caller sent back. */
  readonly continuation?: { readonly inputResponses?: JsonObject; readonly requestState?: string } | undefined;
  /** The caller's `_meta` to hand on, without the reserved `io.modelcontextprotocol/` keys. */
  readonly meta?: JsonObject | undefined;
}

/** One call as its provider gets it. */
export interface ToolInvocation {
  /** UUIDv7. */
  readonly callId: string;
  /** The approved definition, whatever the provider offers by now. */
  readonly tool: ToolDefinition;
  readonly arguments: JsonObject;
  readonly caller: Principal;
  readonly timeoutMs: number;
  /** Aborted with a text when the time is over, the caller cancels or its connection is gone. */
  readonly signal: AbortSignal;
  /** The same for who needs no AbortSignal, which is made when asked for. */
  readonly cancellation: Cancellation;
  readonly contextId?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly exchange: ToolExchange;
}

/** What a provider answers. */
export type ToolReply =
  | { readonly kind: 'result'; readonly result: ToolResult }
  | { readonly kind: 'input_required'; readonly inputRequests?: JsonObject; readonly requestState?: string }
  /** A task of MCP's Tasks extension, with the id of the provider that has it, which the core says. */
  | { readonly kind: 'task'; readonly task: JsonObject; readonly provider?: string }
  /** A protocol error of the provider, passed through. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly data?: JsonValue };

/** Who has tools. */
export interface ToolProvider {
  /** For example `mcp/github`, `agent/echo`, `plugin/x`. */
  readonly id: string;
  /** What the names of its tools begin with: while it is there, no other provider has a new name that does. */
  readonly prefix?: string;
  /** Its tools are of several parties, each of which comes and goes: a name that is given up makes one new name wait, not all. */
  readonly isShared?: boolean;
  /** @throws OrchestratorError `unavailable` when it cannot be reached */
  invoke(invocation: ToolInvocation): Promise<ToolReply>;
}

/** A provider's way to its own tools. */
export interface ToolProviderHandle {
  /**
   * Replaces all definitions of the provider at once; resolves once what is new is durable. A definition that is refused is left out,
   * the others are taken.
   *
   * @returns what was refused, by name, and why
   */
  set(definitions: readonly ToolDefinition[]): Promise<readonly RefusedDefinition[]>;
  /** While it is not, its tools are in no listing; approvals stay. */
  available(yes: boolean, reason?: string): void;
  /** Withdraws the provider. */
  close(): Promise<void>;
}

/** A definition that was not taken. */
export interface RefusedDefinition {
  readonly name: string;
  readonly version: string;
  /** What is wrong, and what to do. */
  readonly reason: string;
}

/** A tool as somebody may see it. */
export interface VisibleTool {
  readonly definition: ToolDefinition;
  /** SHA-256 of the definition, hex. */
  readonly hash: string;
  /** Id of its provider. */
  readonly provider: string;
  readonly deprecated?: { readonly at: string; readonly successor?: string };
}

/** A call of a tool. */
export interface ToolCallRequest {
  readonly name: string;
  /** Version or range of versions as npm writes it; the newest unless said. */
  readonly version?: string | undefined;
  readonly set?: string | undefined;
  readonly arguments: JsonObject;
  readonly timeoutMs?: number | undefined;
  readonly signal?: Cancellation | undefined;
  readonly exchange?: ToolExchange | undefined;
  readonly contextId?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** A curated list of tools, as those see it who may use it. */
export interface ToolSet {
  readonly name: string;
  readonly description?: string;
  /** `search`: its tools are looked for, not listed, since there are too many. */
  readonly discovery: 'all' | 'search';
}

/** The tools: who has them, who may use them, and how they are called. */
export interface Tools {
  /** @throws OrchestratorError `conflict` when a provider with this id is there */
  addProvider(provider: ToolProvider): ToolProviderHandle;
  /** Tools that the principal may see, the newest approved version of each, by name. Answered from memory while nothing changes. */
  visible(principal: Principal, view?: { readonly set?: string }): readonly VisibleTool[];
  /** One of them; `undefined` when there is none or it may not be seen: the two cannot be told apart. */
  find(
    principal: Principal,
    name: string,
    options?: { readonly version?: string | undefined; readonly set?: string | undefined },
  ): VisibleTool | undefined;
  /** Those that fit best first; 20 unless `limit` says. */
  search(
    principal: Principal,
    query: string,
    options?: { readonly set?: string; readonly limit?: number },
  ): readonly VisibleTool[];
  /** Whether a provider as a whole was given to the principal, and so what it has besides tools: prompts and resources. */
  mayUse(principal: Principal, provider: string): boolean;
  /** Whether a tool that the principal sees may be called by it now, with some arguments at least. */
  mayCall(principal: Principal, tool: VisibleTool): boolean;
  /** Calls a tool. @throws OrchestratorError */
  call(caller: Principal, request: ToolCallRequest): Promise<ToolReply>;
  /** Rises whenever what anybody may see may have changed. */
  readonly revision: number;
  /** Called when {@link revision} has risen; answers how to stop listening. */
  onChanged(listener: () => void): () => void;
  /** Sets of tools that the principal may use. */
  sets(principal: Principal): readonly ToolSet[];
}
/** Token of {@link Tools}. */
export const Tools = token<Tools>('tools');
