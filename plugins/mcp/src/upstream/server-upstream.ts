import type { Log, ProgramLine, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { CallerInstances } from './caller-instances.js';
import { readListing, type Listing } from './catalogue.js';
import { Instance, type InstanceListener } from './instance.js';
import type { JsonObject } from './json.js';
import type { Link } from './link.js';
import { Listening } from './listening.js';
import { Subscriptions } from './subscriptions.js';
import { ToolHeaders } from './tool-headers.js';
import type {
  Era,
  Upstream,
  UpstreamAnswer,
  UpstreamChange,
  UpstreamLog,
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
  /** Told of log messages that belong to no request. */
  readonly logged: (log: UpstreamLog) => void;
}

/** Which capability of a server a listing is of, and what of the upstream it changes. */
const LISTINGS: readonly { readonly listing: Listing; readonly capability: string; readonly what: UpstreamChange }[] = [
  { listing: 'tools', capability: 'tools', what: 'tools' },
  { listing: 'prompts', capability: 'prompts', what: 'prompts' },
  { listing: 'resources', capability: 'resources', what: 'resources' },
  { listing: 'resourceTemplates', capability: 'resources', what: 'resources' },
];
const HEADER_MISMATCH = -32020;

/** How a server is reached. */
export interface Links {
  /** By all, or only for what it offers where each caller has an instance of its own. */
  readonly shared: Link;
  readonly perCaller?: (number: number, caller: string) => Link;
}

/** A server that is connected to: what it offers, kept in step with it. */
export class ServerUpstream implements Upstream {
  readonly #instance: Instance;
  readonly #listings = new Map<Listing, readonly JsonObject[]>();
  readonly #listeners = new Set<(what: UpstreamChange) => void>();
  readonly #listening: Listening;
  readonly #subscriptions: Subscriptions;
  readonly #toolHeaders: ToolHeaders;
  readonly #callers: CallerInstances | undefined;
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
    links: Links,
    private readonly around: UpstreamSurroundings,
  ) {
    const surroundings = {
      ...around,
      paramHeaders: (tool: string, given: JsonObject) => this.#toolHeaders.of(tool, given),
    };
    const listener = {
      changed: () => this.#changed(),
      notified: (method: string, params: JsonObject, caller?: string) => this.#notified(method, params, caller),
    };
    this.#instance = new Instance(id, links.shared, listener, surroundings);
    this.#listening = new Listening(this.#instance, around.timers, around.limits);
    this.#subscriptions = new Subscriptions(this.#instance, this.#listening, around.limits);
    this.#toolHeaders = new ToolHeaders(links.shared.kind === 'http');
    const { perCaller } = links;
    if (perCaller !== undefined) {
      const itsCaller = (caller: string): InstanceListener => ({
        changed: () => undefined,
        notified: (method, params) => this.#logged(method, params, caller),
      });
      this.#callers = new CallerInstances(
        (number, caller) => new Instance(id, perCaller(number, caller), itsCaller(caller), surroundings),
        around.limits,
        around.timers,
        around.log,
      );
    }
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

  /** Instances of callers. */
  get callerInstances(): number {
    return this.#callers?.size ?? 0;
  }
  /** Tools that break the rules of the protocol and are left out, and why. */
  get invalidTools(): readonly { readonly name: string; readonly reason: string }[] {
    return this.#toolHeaders.invalid;
  }

  request(method: string, params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer> {
    const { caller } = options;
    if (this.#callers !== undefined && caller !== undefined) {
      return this.#callers.with(caller.id, this.around.limits.connectMs, (own) => own.request(method, params, options));
    }
    if (method === 'tools/call' && this.#toolHeaders.any) return this.#callWithHeaders(params, options);
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
    if (this.#callers !== undefined) {
      const why = 'each caller has an instance of this server, and only the one of all could be subscribed at';
      return Promise.reject(new OrchestratorError('invalid_request', why));
    }
    return this.#subscriptions.add(uri, listener);
  }

  restart(): Promise<void> {
    return this.#instance.restart();
  }

  async stop(): Promise<void> {
    this.#reading?.cancel();
    this.#expiry?.cancel();
    this.#listening.close();
    await Promise.all([this.#instance.stop(), this.#callers?.close()]);
  }

  logs(count: number): readonly ProgramLine[] {
    return this.#instance.logs(count);
  }

  /** A tool may want other headers by now: its definition is read again, and the call sent once more [2026-07-28 client behaviour]. */
  async #callWithHeaders(params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer> {
    const answer = await this.#instance.request('tools/call', params, options);
    if (answer.kind !== 'error' || answer.code !== HEADER_MISMATCH) return answer;
    await this.#refresh(['tools']);
    return this.#instance.request('tools/call', params, options);
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
    this.#expiry = undefined;
    if (state === this.#state) return;
    this.#state = state;
    this.#tell('state');
  }

  #notified(method: string, params: JsonObject, caller?: string): void {
    if (method === 'notifications/tools/list_changed') this.#expired(['tools']);
    else if (method === 'notifications/prompts/list_changed') this.#expired(['prompts']);
    else if (method === 'notifications/resources/list_changed') this.#expired(['resources', 'resourceTemplates']);
    else if (method === 'notifications/resources/updated') this.#subscriptions.updated(params);
    // Where each caller has an instance, nobody's requests come to this one.
    else if (this.#callers === undefined) this.#logged(method, params, caller);
  }

  #logged(method: string, params: JsonObject, caller?: string): void {
    if (method !== 'notifications/message') return;
    this.around.logged({ server: this.id, params, ...(caller !== undefined && { caller }) });
  }

  /** Read again, in a moment: changes come in bursts. */
  #expired(listings: readonly Listing[]): void {
    for (const listing of listings) this.#stale.add(listing);
    this.#reading ??= this.around.timers.after(this.around.limits.settleMs, () => {
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
        const items =
          listing === 'tools' && this.era === 'modern' ? this.#toolHeaders.valid(listed.items) : listed.items;
        if (JSON.stringify(items) === JSON.stringify(this.#items(listing))) continue;
        this.#listings.set(listing, items);
        changed.add(what);
      } catch (error) {
        if (generation !== this.#generation || this.#instance.state !== 'ready') return;
        this.#lastError = (error as Error).message;
        log.warn({ err: error, server: this.id, listing }, 'a listing of an MCP server cannot be read');
      }
    }
    if (this.#instance.state !== 'ready') return;
    if (Number.isFinite(ttlMs) && ttlMs > 0 && this.#expiry === undefined) {
      this.#expiry = timers.after(Math.max(ttlMs, limits.leastTtlMs), () => {
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
