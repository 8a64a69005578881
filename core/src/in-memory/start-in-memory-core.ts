import type { InMemoryCore, StartInMemoryCore } from '@ai-orchestrator/protocol/testing';
import type { DependencyContainer } from 'tsyringe';
import { coreContainer, SERVICES_OF_CORE } from '../container.js';
import type { CoreLimits } from '../core-part.js';
import { corePlugin } from '../core-plugin.js';
import { DaemonIdentity } from '../host/daemon-identity.js';
import { DEFAULT_INSTRUMENT_LIMITS } from '../host/in-memory-instruments.js';
import { Instruments } from '../host/instruments.js';
import { DEFAULT_LOOP_LAG } from '../host/loop-lag.js';
import { Clock, Timers } from '../host/time.js';
import { DEFAULT_ACCESS_RULES } from '../permissions/access-rules.js';
import { Authentication } from '../permissions/authentication.js';
import { DEFAULT_AUTHENTICATION_LIMITS } from '../permissions/authentication-registry.js';
import { boot } from '../plugin/boot.js';
import { definePlugin } from '../plugin/plugin.js';
import { silentLog } from '../plugin-testing/silent-log.js';
import { addConnectionMethods } from '../rpc/connection-methods.js';
import { RPC_DEFAULTS } from '../rpc/limits.js';
import { MethodRegistry } from '../rpc/methods.js';
import { DEFAULT_RATE_LIMITS } from '../rpc/rate-limit.js';
import { SessionRegistry } from '../rpc/session-registry.js';
import { Store } from '../store/store.js';
import { DEFAULT_SUPERVISOR_OPTIONS } from '../supervisor/supervisor-options.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { DEFAULT_TOOL_RULES } from '../tools/tool-rules.js';
import { InMemoryLink } from './in-memory-link.js';
import { MemoryStore } from './memory-store.js';
import { SkippingTime } from './skipping-time.js';

/** The core's own methods on a store in memory and without a listener: clients in the same process are handed to it. */
export const startInMemoryCore: StartInMemoryCore = async ({ limits = {}, tools = {} }): Promise<InMemoryCore> => {
  const time = new SkippingTime();
  const store = new MemoryStore(time);
  const links = new Set<InMemoryLink>();
  const cut = (): void => {
    for (const link of links) link.cut();
  };
  let running: Awaited<ReturnType<typeof start>> | undefined = await start(time, store, limits, tools);
  const stop = async (): Promise<void> => {
    const stopping = running;
    running = undefined;
    cut();
    await stopping?.stop();
  };
  return {
    time,
    open({ principal, role }, events) {
      const link = new InMemoryLink(events, (ended) => links.delete(ended));
      if (running === undefined) queueMicrotask(() => link.cut());
      else {
        links.add(link);
        const who = { id: principal, kind: 'agent', roles: [role], credentialId: principal } as const;
        link.listen(running.sessions.open(link, who));
      }
      return {
        get bufferedBytes() {
          return 0;
        },
        send: (text) => link.receive(text),
        close: (code, reason) => link.close(code, reason),
        abort: () => link.cut(),
      };
    },
    cut,
    async restart() {
      await stop();
      running = await start(time, store, limits, tools);
    },
    advance: (ms) => time.skip(ms),
    async stop() {
      await stop();
      time.close();
    },
  };
};

async function start(time: SkippingTime, store: MemoryStore, limits: CoreLimits, tools: object) {
  const container = composed(time, tools);
  const methods = container.resolve<MethodRegistry>(MethodRegistry);
  const sessions = container.resolve(SessionRegistry);
  addConnectionMethods(
    methods,
    sessions,
    container.resolve<Authentication>(Authentication),
    container.resolve<DaemonIdentity>(DaemonIdentity),
  );
  // Nothing here runs programs.
  const tokens = SERVICES_OF_CORE.filter((token) => token !== Supervisor);
  const storage = definePlugin({
    id: 'storage-memory',
    provides: { store: Store },
    start: () => ({ services: { store } }),
  });
  const booted = await boot({
    plugins: [
      { plugin: storage, required: true },
      { plugin: corePlugin(limits), required: true },
    ],
    services: new Map(tokens.map((token) => [token, container.resolve<unknown>(token)])),
    methods,
    log: silentLog,
    clock: time,
    timers: time,
    instruments: container.resolve<Instruments>(Instruments),
  });
  return {
    sessions,
    async stop() {
      sessions.close();
      await booted.stop();
    },
  };
}

function composed(time: SkippingTime, tools: object): DependencyContainer {
  return coreContainer({
    log: silentLog,
    identity: { version: '0.0.0', node: 'in-memory' },
    dataDirectory: { path: '' },
    accessRules: DEFAULT_ACCESS_RULES,
    toolRules: { ...DEFAULT_TOOL_RULES, ...tools },
    instruments: DEFAULT_INSTRUMENT_LIMITS,
    loopLag: DEFAULT_LOOP_LAG,
    authentication: DEFAULT_AUTHENTICATION_LIMITS,
    rates: DEFAULT_RATE_LIMITS,
    rpc: RPC_DEFAULTS,
    supervisor: { ...DEFAULT_SUPERVISOR_OPTIONS, identity: 'in-memory' },
  })
    .registerInstance(Clock, time)
    .registerInstance(Timers, time);
}
