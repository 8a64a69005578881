import type { Cancellation, Principal } from '@ai-orchestrator/core/plugin';
import type { JsonObject, JsonValue } from './json.js';

/** Whose rules a server follows: `legacy` (initialize, sessions) up to revision 2025-11-25, `modern` from 2026-07-28 on. */
export type Era = 'legacy' | 'modern';

/** Where an upstream is in its life. */
export type UpstreamState = 'connecting' | 'ready' | 'backoff' | 'failed' | 'stopped';

/** What of an upstream changed. */
export type UpstreamChange = 'tools' | 'prompts' | 'resources' | 'state';

/** An MCP server behind us. Names are the server's own, its objects as it sent them. */
export interface Upstream {
  /** Its name in the configuration. */
  readonly id: string;
  /** Set before the names of its tools and prompts; empty for none. */
  readonly prefix: string;
  readonly state: UpstreamState;
  readonly era: Era | undefined;
  readonly protocolVersion: string | undefined;
  readonly serverInfo: JsonObject | undefined;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
  /** Kept in step with the server; empty while it is away. */
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  /**
   * One request in the server's own terms; the mechanics of its era are inside.
   *
   * @throws OrchestratorError `unavailable` it cannot be reached or died, `deadline_exceeded`, `canceled`, `limit_exceeded`
   */
  request(method: string, params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer>;
  /** @throws OrchestratorError `unavailable` */
  notify(method: string, params: JsonObject): Promise<void>;
  onChanged(listener: (what: UpstreamChange) => void): () => void;
  /**
   * `notifications/resources/updated` of a resource; counted, so that the last to leave unsubscribes at the server.
   *
   * @throws OrchestratorError `unavailable`, `limit_exceeded`, `invalid_request` where each caller has an instance of the server
   */
  subscribeResource(uri: string, listener: (params: JsonObject) => void): Promise<() => Promise<void>>;
}

/** How far a request has come; numbers as the server counts. */
export interface UpstreamProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** What goes with one request. */
export interface UpstreamRequestOptions {
  readonly timeoutMs: number;
  readonly signal?: Cancellation | undefined;
  /** Whether the signal, where there is one, ends the request in that time: a timer besides, for each call of a tool, is one too many. */
  readonly endsBySignal?: boolean;
  /** For whom it is: decides the instance of a server that has one for each caller, and who is asked back. */
  readonly caller?: Principal | undefined;
  readonly progress?: ((progress: UpstreamProgress) => void) | undefined;
  /** Log messages and other notifications that belong to this request. */
  readonly notify?: ((method: string, params: JsonObject) => void) | undefined;
  /** A question of a legacy server (elicitation, sampling, roots) during this request; rejects when the caller cannot. */
  readonly ask?: ((method: string, params: JsonObject, signal: Cancellation) => Promise<JsonObject>) | undefined;
  /** Declared to a modern server for this request. */
  readonly clientCapabilities?: JsonObject | undefined;
  /** What the caller sent back in a modern round trip. */
  readonly continuation?: { readonly inputResponses?: JsonObject; readonly requestState?: string } | undefined;
  /** Handed on as `_meta`; keys that the protocol reserves must be gone. */
  readonly meta?: JsonObject | undefined;
  /** Least severe log messages of interest, told to a modern server. */
  readonly logLevel?: string | undefined;
}

/** A server's answer. The result of a modern server may have the resultType `input_required` or `task`. */
export type UpstreamAnswer =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly data?: JsonValue };

/** All upstreams. */
export interface Upstreams {
  all(): readonly Upstream[];
  get(id: string): Upstream | undefined;
  onChanged(listener: (id: string, what: UpstreamChange) => void): () => void;
  onLogged(listener: (log: UpstreamLog) => void): () => void;
}

/** A log message of a legacy server that belongs to no request. */
export interface UpstreamLog {
  readonly server: string;
  /** Principal whose alone it is: the instance is theirs, or has served no other. `undefined` where the server served nobody yet. */
  readonly caller?: string;
  readonly params: JsonObject;
}
