import type { BridgeLimits } from './bridge-limits.js';
import { isObject, type ClientMessage, type JsonObject, type McpRequest, type ServerMessage } from './mcp-message.js';
import type { McpAnswer } from './mcp-http.js';

/** What a client of the legacy era has agreed with the daemon, and asked of it for good: enough to begin anew [MCP 2025-11-25]. */
export class LegacySession {
  #id: string | undefined;
  #version: string | undefined;
  #capabilities: JsonObject = {};
  #level: string | undefined;
  readonly #subscribed = new Set<string>();
  /** Whether the client has said `notifications/initialized`. */
  initialized = false;

  constructor(
    readonly initialize: McpRequest,
    private readonly limits: Pick<BridgeLimits, 'subscriptions'>,
  ) {}

  /** Whether the daemon can forget it [Session Management]. */
  get named(): boolean {
    return this.#id !== undefined;
  }

  get version(): string | undefined {
    return this.#version;
  }

  /** Takes what the daemon answered to `initialize`. */
  began({ headers }: Pick<McpAnswer, 'headers'>, { result }: ServerMessage): void {
    const id = headers['mcp-session-id'];
    this.#id = typeof id === 'string' ? id : undefined;
    if (typeof result?.protocolVersion === 'string') this.#version = result.protocolVersion;
    if (isObject(result?.capabilities)) this.#capabilities = result.capabilities;
  }

  headers(): Readonly<Record<string, string>> {
    return {
      ...(this.#id !== undefined && { 'Mcp-Session-Id': this.#id }),
      ...(this.#version !== undefined && { 'MCP-Protocol-Version': this.#version }),
    };
  }

  /** Keeps what holds for the whole session. */
  note(message: ClientMessage): void {
    if (message.kind === 'notification') this.initialized ||= message.method === 'notifications/initialized';
    if (message.kind !== 'request') return;
    const { method, params } = message;
    if (method === 'logging/setLevel' && typeof params.level === 'string') this.#level = params.level;
    if (typeof params.uri !== 'string') return;
    if (method === 'resources/unsubscribe') this.#subscribed.delete(params.uri);
    if (method === 'resources/subscribe' && this.#subscribed.size < this.limits.subscriptions) {
      this.#subscribed.add(params.uri);
    }
  }

  /** What a new session has to be asked, so that it is like the one that was lost. */
  wishes(): readonly { readonly method: string; readonly params: JsonObject }[] {
    return [
      ...(this.#level === undefined ? [] : [{ method: 'logging/setLevel', params: { level: this.#level } }]),
      ...[...this.#subscribed].map((uri) => ({ method: 'resources/subscribe', params: { uri } })),
    ];
  }

  /** Lists that may have changed while there was no session. */
  changes(): readonly string[] {
    return ['tools', 'prompts', 'resources']
      .filter((kind) => {
        const capability = this.#capabilities[kind];
        return isObject(capability) && capability.listChanged === true;
      })
      .map((kind) => `notifications/${kind}/list_changed`);
  }
}
