import type { ProgramLine, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { LEGACY_VERSIONS, legacyDialect, modernDialect, type ParamHeaders } from './dialects.js';
import type { EraMemory } from './era-memory.js';
import { greet, Incompatible, type Greeting } from './greeting.js';
import { NotUnderstood, SessionGone } from './http-refusal.js';
import type { JsonObject } from './json.js';
import type { Link, LinkOwner } from './link.js';
import { RpcConnection, type ConnectionListener, type Dialect } from './rpc-connection.js';
import type { Era, UpstreamAnswer, UpstreamRequestOptions, UpstreamState } from './upstream.js';
import type { UpstreamLimits } from './upstream-limits.js';
import type { Receiver, Wire } from './wire.js';

/** Who hears of an instance. */
export interface InstanceListener {
  changed(): void;
  /** @param caller whose alone it is */
  notified(method: string, params: JsonObject, caller?: string): void;
}

/** What an instance needs. */
export interface InstanceSurroundings {
  readonly timers: Timers;
  readonly limits: UpstreamLimits;
  readonly memory: EraMemory;
  readonly paramHeaders: ParamHeaders;
}

/** One running server: greeted in its era after each start, sent requests while it is ready. */
export class Instance implements LinkOwner, ConnectionListener {
  state: UpstreamState = 'connecting';
  /** What the server last said of itself. */
  greeting: Greeting | undefined;
  /** Why it is not ready. */
  reason: string | undefined;
  #connection: RpcConnection | undefined;
  #dialect: Dialect = legacyDialect(LEGACY_VERSIONS[0]);
  #asking = false;
  #diedOfProbe = false;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly id: string,
    private readonly link: Link,
    private readonly listener: InstanceListener,
    private readonly around: InstanceSurroundings,
  ) {}

  get restarts(): number {
    return this.link.restarts;
  }

  get inFlight(): number {
    return this.#connection?.inFlight ?? 0;
  }

  get strays(): number {
    return this.#connection?.strays ?? 0;
  }

  async start(): Promise<void> {
    try {
      await this.link.start(this);
    } catch (error) {
      this.#become('failed', (error as Error).message);
    }
  }

  /** @throws OrchestratorError `unavailable`, `deadline_exceeded`, `canceled`, `limit_exceeded` */
  request(method: string, params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer> {
    const connection = this.#connection;
    if (this.state !== 'ready' || connection === undefined) return Promise.reject(this.#away());
    if (this.link.kind === 'stdio') return connection.request(method, params, options);
    return connection.request(method, params, options).catch((error: unknown) => {
      if (error instanceof SessionGone) return this.#again(method, params, options);
      throw error;
    });
  }

  /** @throws OrchestratorError `unavailable` */
  async notify(method: string, params: JsonObject): Promise<void> {
    const connection = this.#connection;
    if (this.state !== 'ready' || connection === undefined) throw this.#away();
    await Promise.resolve();
    connection.notify(method, params);
  }

  /** Resolves when it is neither connecting nor about to, or the time is over. */
  async settled(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(check);
        timer.cancel();
        resolve();
      };
      const check = (): void => {
        if (this.state !== 'connecting' && this.state !== 'backoff') done();
      };
      const timer = this.around.timers.after(limitMs, done);
      this.#waiting.add(check);
      check();
    });
  }

  restart(): Promise<void> {
    return this.link.restart();
  }

  async stop(): Promise<void> {
    await this.link.stop();
    await this.down('stopped', undefined);
  }

  logs(count: number): readonly ProgramLine[] {
    return this.link.logs(count);
  }

  up(open: (receiver: Receiver) => Wire): void {
    const { limits, timers } = this.around;
    const connection: RpcConnection = new RpcConnection(
      open,
      () => this.#dialect,
      {
        notified: (method, params, caller) => this.#connection === connection && this.notified(method, params, caller),
        silent: () => this.#connection === connection && this.silent(),
        broken: (why, renew) => this.#connection === connection && this.broken(why, renew),
      },
      limits,
      timers,
    );
    this.#connection = connection;
    this.#become('connecting', this.reason);
    this.#greet(connection).then(
      (greeting) => {
        if (this.#connection !== connection) return;
        this.greeting = greeting;
        if (greeting.era === 'legacy') connection.listen();
        this.#become('ready', undefined);
      },
      (error: unknown) => {
        if (this.#connection === connection) this.broken((error as Error).message);
      },
    );
  }

  async down(state: 'connecting' | 'backoff' | 'failed' | 'stopped', reason: string | undefined): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    // Callers learn why, and nothing of what the server wrote.
    const closed = connection?.close(reason?.split('\n', 1)[0] ?? 'the server was stopped');
    this.#become(state, reason ?? (state === 'connecting' ? this.reason : undefined));
    await closed;
  }

  notified(method: string, params: JsonObject, caller?: string): void {
    this.listener.notified(method, params, caller);
  }

  /** Slow, or hung? One that does not even answer this is ended. */
  silent(): void {
    const connection = this.#connection;
    if (this.#asking || connection === undefined || this.state !== 'ready') return;
    this.#asking = true;
    const method = this.greeting?.era === 'modern' ? 'server/discover' : 'ping';
    connection
      .request(method, {}, { timeoutMs: this.around.limits.probeMs })
      .catch((error: unknown) => {
        if (this.#connection === connection) this.broken(`it hangs: ${(error as Error).message}`);
      })
      .finally(() => (this.#asking = false));
  }

  broken(why: string, renew = false): void {
    const connection = this.#connection;
    this.#connection = undefined;
    void connection?.close(why);
    if (!renew) this.#become('backoff', why);
    this.link.fail(why, renew);
  }

  /** The server did not begin it, for its session was gone: sent once more in the next. */
  async #again(method: string, params: JsonObject, options: UpstreamRequestOptions): Promise<UpstreamAnswer> {
    await this.settled(options.timeoutMs);
    const connection = this.#connection;
    if (this.state !== 'ready' || connection === undefined) throw this.#away();
    return connection.request(method, params, options);
  }

  async #greet(connection: RpcConnection): Promise<Greeting> {
    const { limits, memory } = this.around;
    const remembered = await memory.recall(this.id);
    const assumed = remembered ?? (this.#diedOfProbe ? 'legacy' : undefined);
    this.#diedOfProbe = false;
    try {
      const greeting = await greet(
        {
          speak: (era, version) => this.#speak(era, version),
          request: (method, params, timeoutMs) => connection.request(method, params, { timeoutMs }),
          notify: (method, params) => connection.notify(method, params),
        },
        assumed,
        limits,
      );
      // What was only assumed is not kept: the server may have died of something else.
      if (assumed === remembered) await memory.remember(this.id, greeting.era);
      return greeting;
    } catch (error) {
      // What was remembered may be wrong by now, and a child that dies of the question is greeted the other way next time.
      if (remembered !== undefined || error instanceof Incompatible) await memory.forget(this.id);
      this.#diedOfProbe = this.link.kind === 'stdio' && assumed === undefined && !this.#dialect.asks;
      throw error instanceof NotUnderstood ? await whatItIs(connection, error) : error;
    }
  }

  #speak(era: Era, version: string): void {
    const { kind } = this.link;
    this.#dialect = era === 'legacy' ? legacyDialect(version) : modernDialect(version, kind, this.around.paramHeaders);
  }

  #become(state: UpstreamState, reason: string | undefined): void {
    this.state = state;
    this.reason = reason;
    for (const check of [...this.#waiting]) check();
    this.listener.changed();
  }

  #away(): OrchestratorError {
    const why = this.reason === undefined ? '' : `: ${this.reason.split('\n', 1)[0]}`;
    return new OrchestratorError('unavailable', `MCP server "${this.id}" is ${this.state}${why}`);
  }
}

/** In words that say what to do: it is up to whoever gave the URL. */
async function whatItIs(connection: RpcConnection, { status }: NotUnderstood): Promise<Error> {
  const unknown = `the server answered HTTP ${status} to initialize: is this the URL of its MCP endpoint, often with the path /mcp?`;
  return new OrchestratorError('unavailable', (await connection.mistaken()) ?? unknown);
}
