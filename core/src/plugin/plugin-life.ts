import type { EventDeclaration, MethodDeclaration } from '@ai-orchestrator/protocol';
import type { Log } from '../host/log.js';
import type { Timers } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import type { MethodRegistry } from '../rpc/methods.js';
import type { EventDraft } from '../store/record.js';
import type { AnyPlugin, EmitOptions, Handler, PluginHost } from './plugin.js';
import { TimeLimitError, withinLimit } from './time-limit.js';
import { requiredTokens } from './start-order.js';

type Close = () => void | Promise<void>;

/** What a plugin's life needs from the daemon. */
export interface LifeSurroundings {
  readonly log: Log;
  readonly timers: Timers;
  /** Limit of a stop, which the plugin is told. */
  readonly stopMs: number;
  readonly methods: MethodRegistry;
  /** Appends events to the journal; throws `unavailable` while no plugin provides it. */
  append(events: readonly EventDraft[]): Promise<void>;
  /** The service behind a token; it is there, the order of start saw to that. */
  service(token: symbol): unknown;
}

/** One life of a plugin: from its start, through what it deferred, to its end. A restart is another life. */
export class PluginLife {
  readonly #deferred: Close[] = [];
  #over = false;
  #take: ((config: unknown) => boolean | Promise<boolean>) | undefined;

  private constructor(
    private readonly plugin: AnyPlugin,
    private readonly surroundings: LifeSurroundings,
    private readonly log: Log,
  ) {}

  /**
   * Starts a plugin; when that fails or takes too long, everything that it deferred is undone first.
   *
   * @param limitMs for the start, and again for undoing a start that failed
   * @throws Error whose message goes on after the plugin's name and says what to do; `cause` is the plugin's own error
   */
  static async start(
    plugin: AnyPlugin,
    config: unknown,
    surroundings: LifeSurroundings,
    limitMs: number,
  ): Promise<{ readonly life: PluginLife; readonly services: ReadonlyMap<symbol, unknown> }> {
    const life = new PluginLife(plugin, surroundings, surroundings.log.child(plugin.id));
    try {
      const started: unknown = await withinLimit(() => plugin.start(life.#host(config)), limitMs, surroundings.timers);
      const services = life.#services(started);
      life.#register(started);
      return { life, services };
    } catch (error) {
      const undone = await life.stop(limitMs);
      const rest = undone.length === 0 ? '' : ` (and undoing its start: ${undone.join('; ')})`;
      throw new Error(`${startReason(error, limitMs)}${rest}`, { cause: error });
    }
  }

  /**
   * Offers a new configuration to the plugin, and answers whether it took it.
   *
   * @param limitMs for taking it
   * @throws Error when the plugin refuses it
   */
  async offer(config: unknown, limitMs: number): Promise<boolean> {
    const take = this.#take;
    return take !== undefined && (await withinLimit(() => take(config), limitMs, this.surroundings.timers));
  }

  /**
   * Undoes what was deferred, last first, also past one that throws.
   *
   * @param limitMs for all of it
   * @returns what went wrong, for people; empty when nothing did
   */
  async stop(limitMs: number): Promise<readonly string[]> {
    this.#over = true;
    const problems: string[] = [];
    const undo = async (): Promise<void> => {
      for (let close = this.#deferred.pop(); close !== undefined; close = this.#deferred.pop()) {
        try {
          await close();
        } catch (error) {
          this.log.error({ err: error }, 'a deferred close failed');
          problems.push(`a deferred close failed: ${text(error)}`);
        }
      }
    };
    try {
      await withinLimit(undo, limitMs, this.surroundings.timers);
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
      problems.push(`did not stop within ${limitMs} ms: a function it gave to defer() does not end`);
      // The one that hangs was taken off the list; those before it still deserve their turn, and get it without being waited for.
      for (let close = this.#deferred.pop(); close !== undefined; close = this.#deferred.pop()) this.#closeLate(close);
    }
    return problems;
  }

  #host(config: unknown): PluginHost {
    const requires = (this.plugin.requires ?? {}) as Record<string, symbol>;
    const services = Object.fromEntries(
      Object.entries(requires).map(([name, wanted]) => [name, this.surroundings.service(wanted)]),
    );
    return {
      config,
      services,
      log: this.log,
      stopMs: this.surroundings.stopMs,
      emit: (event, details, options) => this.#emit(event, details, options),
      defer: (close) => {
        if (this.#over) this.#closeLate(close);
        else this.#deferred.push(close);
      },
      onReload: (take) => {
        this.#take = take;
      },
    };
  }

  /** A start that was given up may still open things; they are closed at once, since nobody will come back for them. */
  #closeLate(close: Close): void {
    Promise.resolve()
      .then(close)
      .catch((error: unknown) => this.log.error({ err: error }, 'a deferred close failed'));
  }

  async #emit(event: EventDeclaration, details: EventDraft['details'], options: EmitOptions): Promise<void> {
    const declared = Object.values((this.plugin.events ?? {}) as Record<string, EventDeclaration>);
    if (!declared.some(({ name }) => name === event.name)) {
      throw new TypeError(
        `plugin "${this.plugin.id}" emits "${event.name}" without declaring it: add it to its events`,
      );
    }
    const { resource, call, outcome } = options;
    const traceId = call?.traceparent?.split('-')[1];
    await this.surroundings.append([
      {
        action: event.name,
        resource,
        principal: (call?.principal ?? DAEMON).id,
        ...(outcome === undefined ? {} : { outcome }),
        ...(details === undefined ? {} : { details }),
        ...(traceId === undefined ? {} : { traceId }),
      },
    ]);
  }

  #services(started: unknown): ReadonlyMap<symbol, unknown> {
    const provides = (this.plugin.provides ?? {}) as Record<string, symbol>;
    const given = membersOf(started, 'services');
    requireAll('service', Object.keys(provides), given);
    return new Map(Object.entries(provides).map(([name, token]) => [token, given[name]]));
  }

  #register(started: unknown): void {
    const methods = (this.plugin.methods ?? {}) as Record<string, MethodDeclaration>;
    const handlers = membersOf(started, 'handlers');
    requireAll('handler', Object.keys(methods), handlers);
    for (const [name, declaration] of Object.entries(methods)) {
      const handler = handlers[name];
      if (typeof handler !== 'function') throw new TypeError(`handed back a handler "${name}" that is not a function`);
      this.#deferred.push(this.surroundings.methods.add(declaration, handler as Handler, this.plugin.id));
    }
  }
}

/** Whether a plugin needs one of these services. */
export function needsAny(plugin: AnyPlugin, services: ReadonlySet<symbol>): boolean {
  return requiredTokens(plugin).some((wanted) => services.has(wanted));
}

function membersOf(started: unknown, member: 'services' | 'handlers'): Record<string, unknown> {
  const value = (started as Record<string, unknown> | undefined)?.[member];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function requireAll(kind: 'service' | 'handler', declared: readonly string[], given: Record<string, unknown>): void {
  const missing = declared.filter((name) => given[name] === undefined);
  if (missing.length > 0) {
    throw new TypeError(
      `declared ${kind} ${missing.map((name) => `"${name}"`).join(', ')} but start() did not return it`,
    );
  }
}

function startReason(error: unknown, limitMs: number): string {
  if (error instanceof TimeLimitError) {
    return `did not start within ${limitMs} ms: look at what its start() waits for, or raise the start time limit`;
  }
  return `failed to start: ${text(error)}`;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
