import { canonicalJson } from '@ai-orchestrator/core/plugin';
import type { Log, Store } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { McpServers } from '../upstream/mcp-servers.js';
import { serverSettings, type ServerConfig, type StopTimes } from '../upstream/server-config.js';
import { StoredServers, type StoredServer } from './stored-servers.js';

/** Servers of the configuration file, by name. */
export type Configured = Readonly<Record<string, ServerConfig>>;

/** Where a server comes from, and its configuration. */
export interface ManagedServer {
  readonly source: 'configuration' | 'method';
  readonly config: ServerConfig;
  readonly stored?: StoredServer;
}

/** What is said of a server that is not there, and to who must not know that it is. */
export function noSuchServer(name: string): OrchestratorError {
  return new OrchestratorError('not_found', `there is no MCP server "${name}"`, { resource: `mcp/${name}` });
}

/** The servers that should run, those of the configuration file and those that methods added, and sees to it that they do. */
export class ManagedServers {
  readonly stored = new StoredServers();
  #configured: Configured;
  /** Why servers do not run that should. */
  readonly #failures = new Map<string, string>();
  /** Those of them for which there was no place; they are tried again when a server goes. */
  readonly #placeless = new Set<string>();
  /**
   * What is done about servers that are about to be started, changed or stopped: about one in turn, about others meanwhile, so that none waits for another that
   * is slow to end or whose tokens are being revoked.
   */
  readonly #turns = new Map<string, Promise<void>>();
  /** How many of that, by name, are changes. */
  readonly #changes = new Map<string, number>();
  #isStopping = false;

  constructor(
    configured: Configured,
    private readonly running: McpServers,
    private readonly log: Log,
    private readonly times: StopTimes,
  ) {
    this.#configured = configured;
  }

  /** Starts every server; nobody waits for one that is slow. */
  async start(store: Store): Promise<void> {
    await this.stored.load(store);
    for (const name of this.all().keys()) this.run(name);
    for (const server of this.stored.names().filter((name) => this.isConfigured(name))) {
      this.log.warn({ server }, 'an MCP server that a method added is also in the configuration file, which holds');
    }
  }

  /** By name; one in the configuration file stands before one of the same name that a method added. */
  all(): ReadonlyMap<string, ManagedServer> {
    const all = new Map<string, ManagedServer>();
    for (const [name, config] of Object.entries<ServerConfig>(this.#configured)) {
      all.set(name, { source: 'configuration', config });
    }
    for (const name of this.stored.names()) {
      const stored = this.stored.get(name);
      if (stored !== undefined && !all.has(name)) all.set(name, { source: 'method', config: stored.config, stored });
    }
    return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  isConfigured(name: string): boolean {
    return Object.hasOwn(this.#configured, name);
  }

  /** @throws OrchestratorError `not_found` */
  find(name: string): ManagedServer {
    const found = this.all().get(name);
    if (found !== undefined) return found;
    throw noSuchServer(name);
  }

  /** Whether it is about to be started, changed or stopped: what is known of it is of before. */
  isChanging(name: string): boolean {
    return this.#changes.has(name);
  }

  /** Why a server does not run that should. */
  failure(name: string): string | undefined {
    return this.#failures.get(name);
  }

  /**
   * Takes the servers of another configuration file: only what differs is stopped or started.
   *
   * @throws OrchestratorError `invalid_params` naming what is wrong; nothing has changed then
   */
  reconfigure(configured: Configured): void {
    for (const [name, config] of Object.entries<ServerConfig>(configured)) serverSettings(name, config, this.times);
    const before = this.all();
    this.#configured = configured;
    const after = this.all();
    for (const name of before.keys()) if (!after.has(name)) this.end(name);
    for (const [name, { config }] of after) {
      const earlier = before.get(name)?.config;
      if (earlier === undefined) this.run(name);
      else if (canonicalJson(earlier) !== canonicalJson(config)) this.rerun(name);
    }
  }

  /** Starts it, if by then it should run and does not. */
  run(name: string): void {
    this.#then(name, async () => {
      const wanted = this.all().get(name);
      if (wanted !== undefined && this.running.get(name) === undefined) await this.running.add(name, wanted.config);
    });
  }

  /** Has it run as it is configured by then; one that could not be started is not there to be changed. */
  rerun(name: string): void {
    this.#then(name, async () => {
      const wanted = this.all().get(name);
      if (wanted === undefined) return;
      if (this.running.get(name) === undefined) await this.running.add(name, wanted.config);
      else await this.running.change(name, wanted.config);
    });
  }

  end(name: string): void {
    this.#then(name, async () => {
      if (this.running.get(name) !== undefined) await this.running.remove(name);
    });
  }

  /** Does away with what is left of a server that is not there, before anything else happens to one of its name; nobody waits for it. */
  clear(name: string, clear: () => Promise<void>): void {
    this.#inTurn(name, () =>
      clear().catch((error: unknown) =>
        this.log.error({ err: error, server: name }, 'credentials of a server that is gone are left'),
      ),
    );
  }

  /** Resolves when what was begun has happened, and what came of that. */
  async settled(): Promise<void> {
    while (this.#turns.size > 0) await Promise.all(this.#turns.values());
  }

  /** Begins nothing any more, and resolves when what is under way has happened. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.settled();
  }

  #then(name: string, change: () => Promise<void>): void {
    this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
    this.#inTurn(name, async () => {
      if (!this.#isStopping) await this.#tried(name, change);
      const left = (this.#changes.get(name) ?? 1) - 1;
      if (left === 0) this.#changes.delete(name);
      else this.#changes.set(name, left);
    });
  }

  async #tried(name: string, change: () => Promise<void>): Promise<void> {
    this.#failures.delete(name);
    const hadNoPlace = this.#placeless.delete(name);
    try {
      await change();
    } catch (error) {
      this.#failures.set(name, (error as Error).message);
      const hasNoPlace = error instanceof OrchestratorError && error.errorName === 'limit_exceeded';
      if (hasNoPlace) this.#placeless.add(name);
      // That there is still no place for it was said.
      if (!hasNoPlace || !hadNoPlace)
        this.log.error({ err: error, server: name }, 'an MCP server cannot be started, changed or stopped');
    }
    // It has ended, failed or is not wanted any more, and may have had a place until now.
    const tookPlace = !this.#placeless.has(name);
    if (tookPlace && this.running.get(name) === undefined) for (const other of this.#placeless) this.run(other);
  }

  /** @param job that never rejects */
  #inTurn(name: string, job: () => Promise<void>): void {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(job).then(() => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    });
    this.#turns.set(name, turn);
  }
}
