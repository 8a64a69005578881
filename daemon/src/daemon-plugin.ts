import {
  Agents,
  DaemonIdentity,
  DataDirectory,
  definePlugin,
  Health,
  Journal,
  MethodRegistry,
  Sessions,
  Store,
  type LogLevel,
  type Program,
  type ProgramView,
} from '@ai-orchestrator/core/plugin';
import type { Lag, PluginStatus } from '@ai-orchestrator/core';
import {
  daemonMethods,
  events,
  OrchestratorError,
  programMethods,
  rpcMethods,
  storeMethods,
} from '@ai-orchestrator/protocol';
import { discovery } from './discovery.js';

/** What the daemon tells of itself; its parts exist only after this plugin was declared. */
export interface DaemonView {
  readonly startedAt: number;
  ready(): boolean;
  listeners(): readonly { readonly name: string; readonly url: string }[];
  plugins(): readonly PluginStatus[];
  lag(): Lag;
  readonly programs: { views(): readonly ProgramView[]; find(name: string): Program };
  /** Answers false when there is no such logger. */
  setLogLevel(level: LogLevel, logger?: string): boolean;
}

/** The daemon's own methods, declared and started like those of any plugin. */
export function daemonPlugin(view: DaemonView) {
  return definePlugin({
    id: 'daemon',
    requires: {
      store: Store,
      journal: Journal,
      agents: Agents,
      sessions: Sessions,
      health: Health,
      methods: MethodRegistry,
      identity: DaemonIdentity,
      dataDirectory: DataDirectory,
    },
    methods: {
      discover: rpcMethods.rpcDiscover,
      status: daemonMethods.daemonStatus,
      setLogLevel: daemonMethods.daemonSetLogLevel,
      verify: storeMethods.storeVerify,
      programs: programMethods.programList,
      programLogs: programMethods.programLogs,
      programRestart: programMethods.programRestart,
      programStop: programMethods.programStop,
    },
    events: {
      started: events.daemonStarted,
      stopped: events.daemonStopped,
      programChanged: events.programChanged,
      logLevelChanged: events.logLevelChanged,
    },
    start({ services, emit }) {
      const { store, journal, agents, sessions, health, methods, identity, dataDirectory } = services;
      const discover = discovery(identity.version);
      return {
        handlers: {
          discover: () => discover(methods.declarations()),
          status: () => ({
            version: identity.version,
            node: identity.node,
            pid: process.pid,
            startedAt: new Date(view.startedAt).toISOString(),
            uptimeMs: Math.round(process.uptime() * 1000),
            ready: view.ready(),
            listeners: [...view.listeners()],
            dataDirectory: dataDirectory.path,
            plugins: [...view.plugins()],
            checks: [...health.results()],
            sessions: sessions.size,
            agents: { ...agents.countByState() },
            store: { revision: store.revision, state: store.state },
            journal: { ...journal.head },
            loopLagMs: view.lag(),
            memoryBytes: residentBytes(),
          }),
          async setLogLevel({ level, logger }, call) {
            if (!view.setLogLevel(level, logger)) {
              throw new OrchestratorError('not_found', `there is no logger ${logger ?? ''}`, { resource: 'logger' });
            }
            const details = { level, ...(logger === undefined ? {} : { logger }) };
            await emit(events.logLevelChanged, details, { resource: `logger/${logger ?? '*'}`, call });
            return { done: true };
          },
          async verify() {
            const { healthy, entries, journalRecords, findings } = await store.verify();
            return { healthy, entries, journalRecords, findings: [...findings] };
          },
          programs: () => ({ entries: view.programs.views().map(programStatus) }),
          programLogs({ name, lines = 100 }) {
            const { lines: kept, dropped } = view.programs.find(name).lines(lines);
            const entries = kept.map(({ at, stream, line, truncated }) => ({
              time: new Date(at).toISOString(),
              stream,
              line,
              ...(truncated ? { truncated } : {}),
            }));
            return { entries, dropped };
          },
          async programRestart({ name }) {
            const program = view.programs.find(name);
            await program.restart();
            return programStatus(program.view());
          },
          async programStop({ name }) {
            const program = view.programs.find(name);
            await program.stop();
            return programStatus(program.view());
          },
        },
      };
    },
  });
}

/** Reading the present figure opens a file; where none can be opened the largest so far stands for it, which takes none. */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

function programStatus({ startedAt, ...view }: ProgramView) {
  return startedAt === undefined ? view : { ...view, startedAt: new Date(startedAt).toISOString() };
}
