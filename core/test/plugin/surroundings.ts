import type { MethodDeclaration } from '@ai-orchestrator/protocol';
import {
  DEFAULT_INSTRUMENT_LIMITS,
  InMemoryInstruments,
  PLUGIN_CONTRACT,
  SystemClock,
  SystemTimers,
} from '../../src/index.js';
import type { LoadedPlugin } from '../../src/plugin/entry.js';
import type { PluginSurroundings } from '../../src/plugin/plugin-generation.js';
import type { AnyPlugin, Handler } from '../../src/plugin/plugin.js';
import { silentLog } from '../../src/plugin-testing/index.js';

/** What plugins run in, in a test: real timers, a registry that is a map, no log. */
export function surroundings() {
  const methods = new Map<string, { owner: string; handler: Handler }>();
  const given = {
    services: new Map<symbol, unknown>(),
    log: silentLog,
    clock: new SystemClock(),
    timers: new SystemTimers(),
    instruments: new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS),
    methods: {
      add(declaration: MethodDeclaration, handler: Handler, owner: string) {
        methods.set(declaration.name, { owner, handler });
        return () => void methods.delete(declaration.name);
      },
      declarations: () => [],
    },
  } satisfies PluginSurroundings;
  return { given, methods };
}

/** A plugin as the configuration would name it. */
export function entry(plugin: AnyPlugin, options: Partial<LoadedPlugin> = {}): LoadedPlugin {
  return { plugin, required: false, ...options };
}

/** A plugin whose types are made up as the test runs, which definePlugin would refuse to compile. */
export function loosely(plugin: object): AnyPlugin {
  return { contract: PLUGIN_CONTRACT, ...plugin } as unknown as AnyPlugin;
}
