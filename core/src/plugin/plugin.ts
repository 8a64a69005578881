import type {
  DetailsOf,
  EventDeclaration,
  HandlerParamsOf,
  MethodDeclaration,
  ResultOf,
} from '@ai-orchestrator/protocol';
import type { Static, TSchema } from 'typebox';
import type { Log } from '../host/log.js';
import type { Call } from '../rpc/call.js';
import type { RelayedJson } from '../rpc/relayed-json.js';
import type { Provided, Token } from './token.js';

/** Semantic version of this contract; a plugin that needs another major, or a later minor, is refused by name. */
export const PLUGIN_CONTRACT = '1.4.0';

type Tokens = Readonly<Record<string, Token<unknown>>>;
type MethodsMap = Readonly<Record<string, MethodDeclaration>>;
type EventsMap = Readonly<Record<string, EventDeclaration>>;
type Services<T extends Tokens> = { readonly [K in keyof T]: Provided<T[K]> };

/** Answers one method; what it throws that is not an OrchestratorError is logged and answered as `internal_error`. */
export type Handler<M extends MethodDeclaration = MethodDeclaration> = (
  params: HandlerParamsOf<M>,
  call: Call,
) => ResultOf<M> | RelayedJson | Promise<ResultOf<M> | RelayedJson>;

/** One handler for each declared method. */
export type Handlers<T extends MethodsMap> = { readonly [K in keyof T]: Handler<T[K]> };

/** What an event says besides its details. */
export interface EmitOptions {
  /** For example `agent/echo`; at most 512 characters. */
  readonly resource: string;
  /** The call that caused it: gives the principal and the trace. The daemon itself unless said. */
  readonly call?: Call;
  readonly outcome?: 'success' | 'failure' | 'denied';
}

/** Everything that a plugin is given, and its only way in. */
export interface PluginHost<Config = unknown, Requires extends Tokens = Tokens, Events extends EventsMap = EventsMap> {
  /** Validated against the plugin's schema, defaults filled in. */
  readonly config: Config;
  /** The services that the plugin requires. */
  readonly services: Services<Requires>;
  /** A logger named after the plugin. */
  readonly log: Log;
  /** Appends one of the declared events to the journal; resolves once it is durable. */
  readonly emit: <E extends Events[keyof Events]>(
    event: E,
    details: DetailsOf<E>,
    options: EmitOptions,
  ) => Promise<void>;
  /** What was deferred has to be over within this time at stop, all together. */
  readonly stopMs: number;
  /** Runs at stop, last deferred first; also when start fails half-way. Call it on the line after opening. */
  readonly defer: (close: () => void | Promise<void>) => void;
  /**
   * Has a new configuration offered to the plugin before it would be restarted for it; checked against the schema already.
   *
   * @param take applies it as a whole and answers true, or answers false to be restarted; throws to refuse it
   */
  readonly onReload: (take: (config: Config) => boolean | Promise<boolean>) => void;
}

/** What `start` hands back; members may be missing where nothing was declared. */
export type Started<Provides extends Tokens, Methods extends MethodsMap> = (keyof Provides extends never
  ? { readonly services?: undefined }
  : { readonly services: Services<Provides> }) &
  (keyof Methods extends never ? { readonly handlers?: undefined } : { readonly handlers: Handlers<Methods> });

/** A plugin: a value that says what it needs and gives, and how it starts. */
export interface Plugin<
  Config extends TSchema = TSchema,
  Requires extends Tokens = Tokens,
  Provides extends Tokens = Tokens,
  Methods extends MethodsMap = MethodsMap,
  Events extends EventsMap = EventsMap,
> {
  /** kebab-case, unique in a daemon. */
  readonly id: string;
  /** The contract version it was written for. */
  readonly contract: string;
  readonly config?: Config;
  readonly requires?: Requires;
  readonly provides?: Provides;
  readonly methods?: Methods;
  readonly events?: Events;
  start(
    host: PluginHost<Static<Config>, Requires, Events>,
  ): Promise<Started<Provides, Methods> | void> | Started<Provides, Methods> | void;
}

type NoTokens = Readonly<Record<never, never>>;

/** Declares a plugin; the compiler checks that its services and handlers are there and of the right types. */
export function definePlugin<
  Config extends TSchema = TSchema,
  Requires extends Tokens = NoTokens,
  Provides extends Tokens = NoTokens,
  Methods extends MethodsMap = NoTokens,
  Events extends EventsMap = NoTokens,
>(
  plugin: Omit<Plugin<Config, Requires, Provides, Methods, Events>, 'contract'> & { readonly contract?: string },
): Plugin<Config, Requires, Provides, Methods, Events> {
  return { contract: PLUGIN_CONTRACT, ...plugin };
}

/** A plugin whose types are not known, as the loader meets it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- variance: a host of any config and services must be accepted
export type AnyPlugin = Plugin<any, any, any, any, any>;
