import type { Log, ProgramLine, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { readListing, type Listing } from './catalogue.js';
import { Instance } from './instance.js';
import type { JsonObject } from './json.js';
import type { Link } from './link.js';
import { Subscriptions } from './subscriptions.js';
import type {
  Era,
  Upstream,
  UpstreamAnswer,
  UpstreamChange,
  UpstreamRequestOptions,
  UpstreamState,
} from './upstream.js';
import type { EraMemory } from './era-memory.js';
import type { UpstreamLimits } from './upstream-limits.js';

/** What one upstream needs. */
export interface UpstreamSurroundings {
  readonly log: Log;
  readonly timers: Timers;
  readonly limits: UpstreamLimits;
  readonly memory: EraMemory;
}

/** Which capability of a server a listing is of, and what of the upstream it changes. */
const LISTINGS: readonly { readonly listing: Listing; readonly capability: string; readonly what: UpstreamChange }[] = [
  { listing: 'tools', capability: 'tools', what: 'tools' },
  { listing: 'prompts', capability: 'prompts', what: 'prompts' },
  { listing: 'resources', capability: 'resources', what: 'resources' },
  { listing: 'resourceTemplates', capability: 'resources', what: 'resources' },
];
/** A listing is not read again sooner, whatever the server says. */
const LEAST_TTL_MS = 1_000;
const SETTLE_MS = 50;

/** A server that is connected to: what it offers, kept in step with it. */
export class ServerUpstream implements Upstream {
  readonly #instance: Instance;
  readonly #listings = new Map<Listing, readonly JsonObject[]>();
  readonly #listeners = new Set<(what: UpstreamChange) => void>();
  readonly #subscriptions: Subscriptions;
  /** Listings to be read again, and the timer until then. */
  readonly #stale = new Set<Listing>();
  #reading: Timer | undefined;
  #expiry: Timer | undefined;
  #state: UpstreamState = 'connecting';
  #lastError: string | undefined;
  /** Rises with each connection: what was read over an earlier one is dropped. */
  #generation = 0;

  constructor(
    readonly id: string,
    readonly prefix: string,
    link: Link,
    private readonly around: UpstreamSurroundings,
  ) {
    this.#instance = new Instance(
      id,
      link,
      { changed: () => this.#changed(), notified: (method, params) => this.#notified(method, params) },
      around,
    );
    this.#subscriptions = new Subscriptions(this.#instance, around.limits);
  }

  get state(): UpstreamState {
    return this.#state;
  }
  get era(): Era | undefined {
    return this.#instance.greeting?.era;
  }
  get protocolVersion(): string | undefined {
    return this.#instance.greeting?.protocolVersion;
  }
  get serverInfo(): JsonObject | undefined {
    return this.#instance.greeting?.serverInfo;
  }
  get capabilities(): JsonObject {
    return this.#instance.greeting?.capabilities ?? {};
  }
  get instructions(): string | undefined {
    return this.#instance.greeting?.instructions;
  }
  get tools(): readonly JsonObject[] {
    return this.#items('tools');
  }
  get prompts(): readonly JsonObject[] {
    return this.#items('prompts');
  }
  get resources(): readonly JsonObject[] {
    return this.#items('resources');
  }
  get resourceTemplates(): readonly JsonObject[] {
    return this.#items('resourceTemplates');
  }
  /** Why it is not ready. */
  get reason(): string | undefined {
    return this.#instance.reason;
  }
  get lastError(): string | undefined {
    return this.#lastError;
  }
  get restarts(): number {
    return this.#instance.restarts;
  }
  get inFlight(): number {
    return this.#instance.inFlight;
  }

  start(): Promise<void> {
    return this.#instance.start();
  }

  request(method: string, params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer> {
    return this.#instance.request(method, params, options);
  }

  async notify(method: string, params: JsonObject): Promise<void> {
    await this.#instance.notify(method, params);
  }

  onChanged(listener: (what: UpstreamChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  subscribeResource(uri: string, listener: (params: JsonObject) => void): Promise<() => Promise<void>> {
    return this.#subscriptions.add(uri, listener);
  }

  restart(): Promise<void> {
    return this.#instance.restart();
  }

  async stop(): Promise<void> {
    this.#reading?.cancel();
    this.#expiry?.cancel();
    await this.#instance.stop();
  }

  logs(count: number): readonly ProgramLine[] {
    return this.#instance.logs(count);
  }

  #items(listing: Listing): readonly JsonObject[] {
    return this.#listings.get(listing) ?? [];
  }

  #changed(): void {
    const { state, reason } = this.#instance;
    if (reason !== undefined) this.#lastError = reason;
    if (state === 'ready') {
      // It is ready once it is known what it offers.
      this.#generation += 1;
      this.#subscriptions.connected();
      void this.#refresh(LISTINGS.map(({ listing }) => listing));
      return;
    }
    this.#reading?.cancel();
    this.#expiry?.cancel();
    this.#stale.clear();
    this.#reading = undefined;
    if (state === this.#state) return;
    this.#state = state;
    this.#tell('state');
  }

  #notified(method: string, params: JsonObject): void {
    if (method === 'notifications/tools/list_changed') this.#expired(['tools']);
    else if (method === 'notifications/prompts/list_changed') this.#expired(['prompts']);
    else if (method === 'notifications/resources/list_changed') this.#expired(['resources', 'resourceTemplates']);
    else if (method === 'notifications/resources/updated') this.#subscriptions.updated(params);
  }

  /** Read again, in a moment: changes come in bursts. */
  #expired(listings: readonly Listing[]): void {
    for (const listing of listings) this.#stale.add(listing);
    this.#reading ??= this.around.timers.after(SETTLE_MS, () => {
      this.#reading = undefined;
      void this.#refresh([...this.#stale]);
    });
  }

  async #refresh(wanted: readonly Listing[]): Promise<void> {
    const generation = this.#generation;
    const { limits, log, timers } = this.around;
    const changed = new Set<UpstreamChange>();
    let ttlMs = Infinity;
    for (const { listing, capability, what } of LISTINGS) {
      if (!wanted.includes(listing)) continue;
      this.#stale.delete(listing);
      try {
        const listed =
          this.capabilities[capability] === undefined
            ? { items: [], ttlMs: undefined }
            : await readListing(
                listing,
                (method, params) => this.#instance.request(method, params, { timeoutMs: limits.requestMs }),
                limits,
              );
        if (generation !== this.#generation) return;
        ttlMs = Math.min(ttlMs, listed.ttlMs ?? Infinity);
        if (JSON.stringify(listed.items) === JSON.stringify(this.#items(listing))) continue;
        this.#listings.set(listing, listed.items);
        changed.add(what);
      } catch (error) {
        if (generation !== this.#generation || this.#instance.state !== 'ready') return;
        this.#lastError = (error as Error).message;
        log.warn({ err: error, server: this.id, listing }, 'a listing of an MCP server cannot be read');
      }
    }
    if (this.#instance.state !== 'ready') return;
    if (Number.isFinite(ttlMs) && ttlMs > 0 && this.#expiry === undefined) {
      this.#expiry = timers.after(Math.max(ttlMs, LEAST_TTL_MS), () => {
        this.#expiry = undefined;
        this.#expired(wanted);
      });
    }
    if (this.#state !== 'ready') {
      this.#state = 'ready';
      changed.add('state');
    }
    for (const what of changed) this.#tell(what);
  }

  #tell(what: UpstreamChange): void {
    for (const listener of this.#listeners) listener(what);
  }
}
