import {
  DEFAULT_SUPERVISOR_OPTIONS,
  InMemoryInstruments,
  ProcessSupervisor,
  SystemClock,
  SystemRandom,
  SystemTimers,
} from '@ai-orchestrator/core';
import { MemoryStore } from '@ai-orchestrator/core/in-memory';
import type { Store, ToolDefinition, ToolProvider, Tools } from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limitsOf, type McpLimits } from '../../src/config.js';
import { Authorizations } from '../../src/oauth/authorizations.js';
import { LateAuthorizations } from '../../src/oauth/late-authorizations.js';
import { oauthSettingsOf } from '../../src/oauth/settings.js';
import { OutboundDoor } from '../../src/outbound/outbound-door.js';
import { outboundSettingsOf } from '../../src/outbound/outbound-settings.js';
import type { Emit } from '../../src/upstream/connection-records.js';
import type { McpServers } from '../../src/upstream/mcp-servers.js';
import type { ServerConfig } from '../../src/upstream/server-config.js';
import { openServers } from '../../src/upstream/open-servers.js';
import type { Upstream, UpstreamAnswer, UpstreamRequestOptions } from '../../src/upstream/upstream.js';
import { scriptIn } from './servers.js';

/** What the registry of tools was told by one provider. */
export interface Offer {
  readonly provider: ToolProvider;
  definitions: readonly ToolDefinition[];
  available: boolean;
}

/** Servers on the real machine, without a daemon. */
export interface World extends AsyncDisposable {
  readonly servers: McpServers;
  readonly offers: Map<string, Offer>;
  readonly directory: string;
  readonly supervisor: ProcessSupervisor;
  readonly store: Store;
  readonly instruments: InMemoryInstruments;
  /** Events of the journal, with their details. */
  readonly recorded: readonly (readonly [string, unknown])[];
  /** Configuration of a server that is a script. */
  script(source: string, more?: ServerConfig): Promise<ServerConfig>;
  /** Adds a server and waits until it is ready. */
  ready(id: string, config: ServerConfig): Promise<Upstream>;
}

/** Starts it; everything is gone when it is disposed of. */
export async function world(limits: Partial<McpLimits> = {}, allowedHosts: readonly string[] = []): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-'));
  const clock = new SystemClock();
  const timers = new SystemTimers();
  const random = new SystemRandom(clock);
  const supervisor = new ProcessSupervisor(clock, timers, random, silentLog, {
    identity: `test${process.pid}x${Math.random().toString(36).slice(2)}`,
    ...DEFAULT_SUPERVISOR_OPTIONS,
  });
  const offers = new Map<string, Offer>();
  const store = new MemoryStore(clock);
  const tools = {
    addProvider(provider: ToolProvider) {
      if (offers.has(provider.id)) throw new OrchestratorError('conflict', `${provider.id} is there already`);
      const offer: Offer = { provider, definitions: [], available: true };
      offers.set(provider.id, offer);
      return {
        set: (definitions: readonly ToolDefinition[]) => {
          offer.definitions = definitions;
          return Promise.resolve([]);
        },
        available: (yes: boolean) => void (offer.available = yes),
        close: () => Promise.resolve(void offers.delete(provider.id)),
      };
    },
  } as unknown as Tools;
  const instruments = new InMemoryInstruments({ seriesPerInstrument: 100 });
  const recorded: [string, unknown][] = [];
  const emit: Emit = ({ name }, details) => Promise.resolve(void recorded.push([name, details]));
  const times = { stopMs: 10_000, lastOutputMs: 2_000 };
  const secrets = { read: (reference: string) => Promise.resolve(`what ${reference} says`) };
  const around = { store, secrets, tools, supervisor, clock, random, timers, log: silentLog, instruments, emit, times };
  const outbound = outboundSettingsOf({ allowedHosts: [...allowedHosts] });
  const authorizations = new LateAuthorizations(() => {
    const settings = oauthSettingsOf(undefined);
    return Promise.resolve(
      new Authorizations({
        ...around,
        directory,
        settings,
        door: (server) => new OutboundDoor(outbound, server),
        revoked: () => Promise.resolve(),
        publicUrl: () => 'http://127.0.0.1:7420',
        stopping: new AbortController().signal,
        authorized: () => Promise.resolve(),
      }),
    );
  });
  const servers = openServers(around, limitsOf({ limits }), outbound, authorizations, directory);
  let scripts = 0;
  return {
    servers,
    offers,
    directory,
    supervisor,
    store,
    instruments,
    recorded,
    async script(source, more = {}) {
      const file = await scriptIn(directory, `server-${++scripts}`, source);
      const restart = { intensity: 3, periodMs: 60_000, backoffMs: 10, maxBackoffMs: 50 };
      return { command: process.execPath, args: [file], restart, ...more };
    },
    async ready(id, config) {
      await servers.add(id, config);
      const upstream = servers.get(id);
      if (upstream === undefined) throw new Error(`there is no ${id}`);
      await eventually(`${id} is ready`, () => upstream.state === 'ready');
      return upstream;
    },
    async [Symbol.asyncDispose]() {
      await servers.close();
      await supervisor.stopAll();
      await rm(directory, { recursive: true });
    },
  };
}

/** Resolves once the condition holds; throws what it waited for when that takes too long. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > end) throw new Error(`it did not come to pass: ${what}`);
  }
}

/** Calls a tool of a server. */
export function call(
  upstream: Upstream,
  name: string,
  given: Record<string, unknown> = {},
  options: Partial<UpstreamRequestOptions> = {},
): Promise<UpstreamAnswer> {
  return upstream.request(
    'tools/call',
    { name, arguments: given as Record<string, never> },
    { timeoutMs: 20_000, ...options },
  );
}

/** The text of a result. */
export function textOf(answer: UpstreamAnswer): string {
  if (answer.kind === 'error') return `${answer.code} ${answer.message}`;
  const [first] = answer.result.content as readonly { text?: string }[];
  return first?.text ?? '';
}

/** What went wrong with a promise. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing went wrong',
    (error: unknown) => (error as Error).message,
  );
}
