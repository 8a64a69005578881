import type { MethodDeclaration } from '@ai-orchestrator/protocol';
import type { Static, TSchema } from 'typebox';
import type { Log } from '../host/log.js';
import { SystemTimers } from '../host/system-timers.js';
import { contractRefusal } from '../plugin/contract.js';
import { checkConfig } from '../plugin/plugin-config.js';
import { PluginLife } from '../plugin/plugin-life.js';
import { shapeProblems } from '../plugin/plugin-shape.js';
import type { AnyPlugin, Handlers, Plugin } from '../plugin/plugin.js';
import type { Provided, Token } from '../plugin/token.js';
import type { EventDraft } from '../store/record.js';
import { silentLog } from './silent-log.js';

/** What a plugin under test is given. */
export interface StartPluginOptions<Config, Requires> {
  /** As the configuration file would have it; defaults are filled in. */
  readonly config?: Partial<Config>;
  /** One service, or a fake, for each that it requires. */
  readonly services?: Requires;
  /** Silent unless given. */
  readonly log?: Log;
}

/** An event as the plugin emitted it. */
export type EmittedEvent = EventDraft;

/** A plugin that was started for a test. */
export interface StartedPlugin<Provides, Methods extends Readonly<Record<string, MethodDeclaration>>> {
  readonly services: Provides;
  readonly handlers: Handlers<Methods>;
  /** What it emitted so far. */
  readonly events: readonly EmittedEvent[];
  /** Undoes what it deferred, as the daemon does at stop; throws what went wrong. */
  stop(): Promise<void>;
}

type ServicesOf<T> = { readonly [K in keyof T]: Provided<T[K]> };

const LIMIT_MS = 10_000;

/**
 * Starts one plugin as the daemon would: its shape, contract and configuration are checked, and what it hands back; without a store,
 * a network or other plugins. The smallest test of a plugin:
 *
 * ```ts
 * const { handlers, stop } = await startPlugin(plugin, { config: { greeting: 'Hi' }, services: { clock } });
 * expect(await handlers.greet({ name: 'Ada' }, call)).to.deep.equal({ text: 'Hi Ada' });
 * await stop();
 * ```
 *
 * @throws Error with the reason that the daemon would give
 */
export async function startPlugin<
  Config extends TSchema,
  Requires extends Readonly<Record<string, Token<unknown>>>,
  Provides extends Readonly<Record<string, Token<unknown>>>,
  Methods extends Readonly<Record<string, MethodDeclaration>>,
>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- variance: plugins with any events must be accepted
  plugin: Plugin<Config, Requires, Provides, Methods, any>,
  options: StartPluginOptions<Static<Config>, ServicesOf<Requires>> = {},
): Promise<StartedPlugin<ServicesOf<Provides>, Methods>> {
  const problems = [...shapeProblems(plugin), contractRefusal(plugin.contract) ?? []].flat();
  const config = checkConfig(plugin.config, options.config);
  const given = (options.services ?? {}) as Record<string, unknown>;
  const requires = Object.entries((plugin.requires ?? {}) as Record<string, Token<unknown>>);
  const missing = requires.filter(([name]) => given[name] === undefined).map(([name]) => `needs a service "${name}"`);
  const wrong = [...problems, ...(config.ok ? [] : config.problems), ...missing];
  if (wrong.length > 0 || !config.ok) throw new Error(`plugin "${plugin.id}" ${wrong.join('; ')}`);

  const services = new Map(requires.map(([name, token]) => [token as symbol, given[name]]));
  const events: EventDraft[] = [];
  const handlers = new Map<string, unknown>();
  const { life, services: provided } = await PluginLife.start(
    plugin as AnyPlugin,
    config.config,
    {
      log: options.log ?? silentLog,
      timers: new SystemTimers(),
      stopMs: LIMIT_MS,
      methods: {
        add(declaration, handler) {
          handlers.set(declaration.name, handler);
          return () => void handlers.delete(declaration.name);
        },
        declarations: () => [],
      },
      append: (drafts) => {
        events.push(...drafts);
        return Promise.resolve();
      },
      service: (token) => services.get(token),
    },
    LIMIT_MS,
  );
  return {
    services: byName(plugin.provides, (token) => provided.get(token)) as ServicesOf<Provides>,
    handlers: byName(plugin.methods, ({ name }) => handlers.get(name)) as Handlers<Methods>,
    events,
    async stop() {
      const failures = await life.stop(LIMIT_MS);
      if (failures.length > 0) throw new Error(`plugin "${plugin.id}" ${failures.join('; ')}`);
    },
  };
}

function byName<T>(members: Readonly<Record<string, T>> | undefined, value: (member: T) => unknown): unknown {
  return Object.fromEntries(Object.entries(members ?? {}).map(([name, member]) => [name, value(member)]));
}
