import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Instance } from './instance.js';
import type { JsonObject } from './json.js';
import type { Listening } from './listening.js';
import type { UpstreamLimits } from './upstream-limits.js';

type Listener = (params: JsonObject) => void;

/** Resources of one server that somebody wants to hear of; subscribed to once, whoever many they are, and again after a restart. */
export class Subscriptions {
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(
    private readonly instance: Instance,
    private readonly listening: Listening,
    private readonly limits: UpstreamLimits,
  ) {}

  /** @throws OrchestratorError `unavailable`, `limit_exceeded`, `invalid_params` the server refuses */
  async add(uri: string, listener: Listener): Promise<() => Promise<void>> {
    const known = this.#listeners.get(uri);
    const listeners = known ?? new Set();
    if (known === undefined) {
      const { subscriptions } = this.limits;
      if (this.#listeners.size >= subscriptions) {
        throw new OrchestratorError('limit_exceeded', `${subscriptions} resources of this server are subscribed to`, {
          limit: 'plugins.mcp.config.limits.subscriptions',
          max: subscriptions,
        });
      }
      this.#listeners.set(uri, listeners);
    }
    listeners.add(listener);
    if (known === undefined) {
      try {
        await this.#subscribe(uri);
      } catch (error) {
        this.#listeners.delete(uri);
        throw error;
      }
    }
    return () => this.#remove(uri, listener);
  }

  updated(params: JsonObject): void {
    const { uri } = params;
    if (typeof uri !== 'string') return;
    for (const listener of this.#listeners.get(uri) ?? []) listener(params);
  }

  /** A new connection knows of no subscriptions. */
  connected(): void {
    if (this.#isModern) {
      this.listening.listen([...this.#listeners.keys()]);
      return;
    }
    for (const uri of this.#listeners.keys()) {
      // What fails now is failing with its connection, and is done again over the next.
      this.#subscribe(uri).catch(() => undefined);
    }
  }

  async #remove(uri: string, listener: Listener): Promise<void> {
    const listeners = this.#listeners.get(uri);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.#listeners.delete(uri);
    if (this.instance.state !== 'ready') return;
    if (this.#isModern) {
      this.listening.listen([...this.#listeners.keys()]);
      return;
    }
    await this.instance.request('resources/unsubscribe', { uri }, { timeoutMs: this.limits.requestMs });
  }

  get #isModern(): boolean {
    return this.instance.greeting?.era === 'modern';
  }

  async #subscribe(uri: string): Promise<void> {
    if (this.#isModern) {
      this.listening.listen([...this.#listeners.keys()]);
      return;
    }
    const answer = await this.instance.request('resources/subscribe', { uri }, { timeoutMs: this.limits.requestMs });
    if (answer.kind === 'error') {
      throw new OrchestratorError(
        'invalid_params',
        `the server refuses the subscription: ${answer.message.slice(0, 200)}`,
      );
    }
  }
}
