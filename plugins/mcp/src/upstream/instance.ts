import type { ProgramLine, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { legacyDialect, modernDialect } from './dialects.js';
import type { EraMemory } from './era-memory.js';
import { greet, Incompatible, type Greeting } from './greeting.js';
import type { JsonObject } from './json.js';
import type { Link, LinkOwner } from './link.js';
import { RpcConnection, type ConnectionListener, type Dialect } from './rpc-connection.js';
import type { Era, UpstreamAnswer, UpstreamRequestOptions, UpstreamState } from './upstream.js';
import type { UpstreamLimits } from './upstream-limits.js';
import type { Receiver, Wire } from './wire.js';

/** Who hears of an instance. */
export interface InstanceListener {
  changed(): void;
  notified(method: string, params: JsonObject): void;
}

/** What an instance needs. */
export interface InstanceSurroundings {
  readonly timers: Timers;
  readonly limits: UpstreamLimits;
  readonly memory: EraMemory;
}

/** One running server: greeted in its era after each start, sent requests while it is ready. */
export class Instance implements LinkOwner, ConnectionListener {
  state: UpstreamState = 'connecting';
  /** What the server last said of itself. */
  greeting: Greeting | undefined;
  /** Why it is not ready. */
  reason: string | undefined;
  #connection: RpcConnection | undefined;
  #dialect: Dialect = legacyDialect;
  #asking = false;

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
    return connection.request(method, params, options);
  }

  /** @throws OrchestratorError `unavailable` */
  async notify(method: string, params: JsonObject): Promise<void> {
    const connection = this.#connection;
    if (this.state !== 'ready' || connection === undefined) throw this.#away();
    await Promise.resolve();
    connection.notify(method, params);
  }

  restart(): Promise<void> {
    return this.link.restart();
  }

  async stop(): Promise<void> {
    await this.link.stop();
    this.down('stopped', undefined);
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
        notified: (method, params) => this.#connection === connection && this.listener.notified(method, params),
        silent: () => this.#connection === connection && this.silent(),
        broken: (why) => this.#connection === connection && this.broken(why),
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
        this.#become('ready', undefined);
      },
      (error: unknown) => {
        if (this.#connection === connection) this.broken((error as Error).message);
      },
    );
  }

  down(state: 'connecting' | 'backoff' | 'failed' | 'stopped', reason: string | undefined): void {
    const connection = this.#connection;
    this.#connection = undefined;
    void connection?.close(reason ?? 'the server was stopped');
    this.#become(state, reason ?? (state === 'connecting' ? this.reason : undefined));
  }

  notified(method: string, params: JsonObject): void {
    this.listener.notified(method, params);
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

  broken(why: string): void {
    const connection = this.#connection;
    this.#connection = undefined;
    void connection?.close(why);
    this.#become('backoff', why);
    this.link.fail(why);
  }

  async #greet(connection: RpcConnection): Promise<Greeting> {
    const { limits, memory } = this.around;
    const remembered = await memory.recall(this.id);
    try {
      const greeting = await greet(
        {
          speak: (era, version) => this.#speak(era, version),
          request: (method, params, timeoutMs) => connection.request(method, params, { timeoutMs }),
          notify: (method, params) => connection.notify(method, params),
        },
        remembered,
        limits,
      );
      await memory.remember(this.id, greeting.era);
      return greeting;
    } catch (error) {
      // What was remembered may be wrong by now, and one that dies of the question is asked the other way next time.
      if (remembered !== undefined || error instanceof Incompatible) await memory.forget(this.id);
      else if (!this.#dialect.asks) await memory.remember(this.id, 'legacy');
      throw error;
    }
  }

  #speak(era: Era, version: string): void {
    this.#dialect = era === 'legacy' ? legacyDialect : modernDialect(version, this.link.kind === 'stdio');
  }

  #become(state: UpstreamState, reason: string | undefined): void {
    this.state = state;
    this.reason = reason;
    this.listener.changed();
  }

  #away(): OrchestratorError {
    const why = this.reason === undefined ? '' : `: ${this.reason.split('\n', 1)[0]}`;
    return new OrchestratorError('unavailable', `MCP server "${this.id}" is ${this.state}${why}`);
  }
}
