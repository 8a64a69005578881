import {
  addConnectionMethods,
  boot,
  coreContainer,
  corePlugin,
  loadPlugins,
  DaemonIdentity,
  DenialLimits,
  DenialRecords,
  Dispatcher,
  DEFAULT_LOOP_WATCH,
  LoopLag,
  LoopWatch,
  LoopWatchOptions,
  RateLimiter,
  Responder,
  SERVICES_OF_CORE,
  SessionRegistry,
  ToolAccess,
  type Booted,
  type RoleAuthorizer,
  type RuleToolAccess,
  type TokenBuckets,
} from '@ai-orchestrator/core';
import {
  Authentication,
  Authorizer,
  Clock,
  DAEMON,
  Health,
  Http,
  Secrets,
  Instruments,
  Journal,
  KeyIssuer,
  MethodRegistry,
  Supervisor,
  Timers,
  type LogLevel,
} from '@ai-orchestrator/core/plugin';
import { openRpcDocument } from '@ai-orchestrator/protocol';
import { resolve } from 'node:path';
import { AdmissionGate } from './admission-gate.js';
import type { Configuration } from './config/load-configuration.js';
import { daemonPlugin } from './daemon-plugin.js';
import { defaultDataDirectory, makeDataDirectory } from './data-directory.js';
import { drain } from './drain.js';
import { Admission } from './http/admission.js';
import { HttpListener, HttpOptions } from './http/http-listener.js';
import { mountOpenRpc, mountProbes } from './http/probes.js';
import { resolveSecret } from './config/secret.js';
import { readTlsIdentity } from './http/tls-identity.js';
import type { DaemonLog } from './log/daemon-log.js';
import { connectionsByOpenFiles } from './open-files.js';
import { collect } from './overload/collect.js';
import { HeapGrowth } from './overload/heap-growth.js';
import { HeapWatch, type HeapActions } from './overload/heap-watch.js';
import { OpenFilesWatch } from './overload/open-files-watch.js';
import { pluginSources } from './plugin-sources.js';
import { countedByState } from './counted-by-state.js';
import { Programs } from './programs.js';
import { reload, type Reloaded } from './reload.js';
import { removeRunFile, writeRunFile } from './run-file.js';
import { coreSettings } from './settings.js';
import { serviceManager } from './systemd/service-manager.js';
import { feedWatchdog } from './systemd/watchdog.js';
import { UndoStack } from './undo-stack.js';
import { packageVersion } from './version.js';
import { WebSocketOptions } from './web-socket/options.js';
import { WebSocketServer } from './web-socket-server.js';

/** From being ready until the garbage of the start is collected, which takes some ten milliseconds; the first callers come before that. */
const SETTLE_MS = 1_000;

/** A daemon that is ready. */
export interface Daemon {
  /** `http://127.0.0.1:7420`. */
  readonly httpUrl: string;
  /** `ws://127.0.0.1:7420/rpc`. */
  readonly url: string;
  readonly dataDirectory: string;
  readonly plugins: Booted;
  /**
   * Applies what can change while running, or nothing.
   *
   * @throws Error saying what refuses it; the earlier configuration serves on
   */
  reload(next: Configuration): Promise<Reloaded>;
  /**
   * Drains and stops; a second call answers the first's outcome.
   *
   * @param deadlineMs for calls in flight; the configuration's unless said
   * @returns whether everything finished in time and in order
   */
  stop(reason: string, deadlineMs?: number): Promise<boolean>;
}

/** What the daemon runs in, and what is done when its memory runs out. */
export interface DaemonSurroundings extends HeapActions {
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The whole start, on one page: compose, boot the plugins (the store among them takes the data directory's lock), listen, run the
 * programs, be ready. Whatever was opened is closed again when a later step fails.
 *
 * @throws BootError a required plugin cannot start; ListenError the port cannot be had
 */
export async function startDaemon(
  configuration: Configuration,
  log: DaemonLog,
  around: DaemonSurroundings,
): Promise<Daemon> {
  let { config } = configuration;
  const startedAt = Date.now();
  const version = packageVersion();
  const dataDirectory = resolve(config.dataDir ?? defaultDataDirectory(around.env));
  await makeDataDirectory(dataDirectory);
  const manager = serviceManager(around.env, log);
  const opened = new UndoStack(log);
  const gate = new AdmissionGate();
  let state: 'starting' | 'ready' | 'stopping' = 'starting';

  const container = coreContainer(coreSettings(config, dataDirectory, log))
    .registerInstance(Admission, gate)
    .registerInstance(WebSocketOptions, config.limits.webSocket)
    .registerInstance(HttpOptions, {
      ...config.http,
      connections: Math.min(config.http.connections, connectionsByOpenFiles(config.http.reservedFiles)),
    })
    .registerInstance(LoopWatchOptions, DEFAULT_LOOP_WATCH)
    .registerSingleton(LoopWatch)
    .registerSingleton(HttpListener)
    .registerSingleton(WebSocketServer);
  const [clock, timers] = [container.resolve<Clock>(Clock), container.resolve<Timers>(Timers)];
  const [health, instruments] = [container.resolve<Health>(Health), container.resolve<Instruments>(Instruments)];
  const methods = container.resolve<MethodRegistry>(MethodRegistry);
  const [loop, http] = [container.resolve(LoopLag), container.resolve(HttpListener)];
  const [sessions, webSockets] = [container.resolve(SessionRegistry), container.resolve(WebSocketServer)];
  opened.push('event loop lag', () => loop.close());
  const [authorizer, rates] = [
    container.resolve<RoleAuthorizer>(Authorizer),
    container.resolve<TokenBuckets>(RateLimiter),
  ];
  const authentication = container.resolve<Authentication>(Authentication);
  addConnectionMethods(methods, sessions, authentication, container.resolve<DaemonIdentity>(DaemonIdentity));

  try {
    const droppedLines = instruments
      .counter('orchestrator_log_dropped_total', 'Log lines that were not written.')
      .with();
    log.countDropped(() => droppedLines.add());
    const heap = new HeapWatch(timers, log, config.overload, around);
    opened.push('heap watch', () => heap.close());
    const growth = new HeapGrowth(config.overload);
    opened.push('heap growth', () => growth.close());
    gate.watch(() => heap.overloaded);
    container.resolve(Responder).refusal = () => gate.refusal();
    health.addCheck('memory', () =>
      heap.overloaded ? { healthy: false, reason: 'the heap is nearly full; new work is refused' } : { healthy: true },
    );
    health.addCheck('listener', () => http.room.verdict());
    const files = new OpenFilesWatch(timers, http.room);
    opened.push('open files watch', () => files.close());

    const programs = new Programs(container.resolve<Supervisor>(Supervisor));
    instruments.gauge('orchestrator_programs', 'Programs of the configuration.', ['state'], () =>
      countedByState(programs.views()),
    );
    const view = {
      startedAt,
      ready: () => state === 'ready' && health.results().every(({ healthy }) => healthy),
      listeners: () => [{ name: 'http', url: http.url }],
      plugins: () => plugins.report(),
      lag: () => loop.lag(),
      programs,
      setLogLevel: (level: LogLevel, logger?: string) => log.setLevel(level, logger),
    };
    const services = new Map<symbol, unknown>(
      SERVICES_OF_CORE.map((token) => [token, container.resolve<unknown>(token)]),
    );
    services.set(Http, http);
    services.set(Secrets, { read: (reference: string) => resolveSecret(reference, around.env) });
    const own = [corePlugin(config.limits), daemonPlugin(view)].map((plugin) => ({ plugin, required: true }));
    const plugins = await boot({
      plugins: [...own, ...(await loadPlugins(pluginSources(config)))],
      services,
      methods,
      log,
      clock,
      timers,
      instruments,
      limits: config.limits.plugins,
    });
    instruments.gauge('orchestrator_plugins', 'Plugins of the configuration and of the daemon.', ['state'], () =>
      countedByState(plugins.report()),
    );
    let pluginProblems = 0;
    opened.push('plugins', async () => {
      pluginProblems = (await plugins.stop()).problems.length;
    });

    mountProbes(http, health, { started: () => state !== 'starting', ready: () => state === 'ready' });
    mountOpenRpc(http, () => openRpcDocument(methods.declarations(), version));
    opened.push('sessions', () => sessions.close());
    http.onUpgrade('/rpc', (request, socket, head) => webSockets.upgrade(request, socket, head));
    await http.listen(await readTlsIdentity(config.http.tls, around.env));
    opened.push('listener', () => http.close());
    opened.push('connections', () => webSockets.close());
    const url = `${http.url.replace(/^http/, 'ws')}/rpc`;

    const journal = plugins.service(Journal);
    container.registerInstance(Journal, journal).registerInstance(DenialLimits, config.limits.denials);
    const denials = container.resolve(DenialRecords);
    opened.push('records of refused calls', () => denials.close());
    const keys = plugins.service(KeyIssuer);
    opened.push('programs', () => programs.stop());
    const restarts = instruments.counter(
      'orchestrator_program_restarts_total',
      'Restarts of programs that had ended by themselves.',
      ['program'],
    );
    await programs.start(config.programs, { keys, restarts, journal, log, env: around.env, dataDirectory, url });

    const record = (action: string, details: Record<string, string | string[]>) =>
      journal.append([{ action, resource: `daemon/${config.node}`, principal: DAEMON.id, details }]);
    const started = plugins.report().flatMap(({ id, state: became }) => (became === 'started' ? [id] : []));
    await record('daemon.started', { version, plugins: started });
    await writeRunFile(dataDirectory, {
      pid: process.pid,
      url,
      version,
      startedAt: new Date(startedAt).toISOString(),
    });
    opened.push('run file', () => removeRunFile(dataDirectory));
    const watch = container.resolve(LoopWatch);
    opened.push('loop watch', () => watch.close());
    watch.start(plugins);
    // On a busy machine a start holds the loop up for long, which would keep it from being ready for the windows that are looked at.
    loop.forget();
    state = 'ready';
    manager.notify('READY=1', `STATUS=Ready at ${url}`);
    const feeding = feedWatchdog(manager, loop, { clock, timers, log }, config.overload.loopStallMs);
    log.info({ url, dataDirectory, plugins: started, startMs: Math.round(performance.now()) }, 'ready');
    // One validator a turn, so that the first callers wait for none but their own.
    void container.resolve(Dispatcher).compileAll();
    // What only the start needed would otherwise stay in memory until the heap has doubled.
    const settling = timers.after(SETTLE_MS, collect);
    opened.push('collection after the start', () => settling.cancel());

    let stopping: Promise<boolean> | undefined;
    const stop = async (reason: string, deadlineMs: number): Promise<boolean> => {
      state = 'stopping';
      log.info({ reason, deadlineMs }, 'stopping');
      manager.notify('STOPPING=1', `STATUS=Stopping: ${reason}`);
      gate.goAway();
      await drain({ http, sessions, reason, deadlineMs });
      await record('daemon.stopped', { reason }).catch((error: unknown) =>
        log.error({ err: error }, 'the stop was not recorded'),
      );
      const clean = await opened.run();
      feeding?.cancel();
      await manager.settled();
      log.info({ reason }, 'stopped');
      return clean && pluginProblems === 0;
    };
    return {
      httpUrl: http.url,
      url,
      dataDirectory,
      plugins,
      async reload(next) {
        manager.notify('RELOADING=1');
        try {
          const reloaded = await reload(config, next.config, {
            started: configuration.config,
            plugins,
            http,
            log,
            env: around.env,
            authorizer,
            toolAccess: container.resolve<RuleToolAccess>(ToolAccess),
            rates,
          });
          config = next.config;
          return reloaded;
        } finally {
          manager.notify('READY=1');
        }
      },
      stop: (reason, deadlineMs = config.drain.deadlineMs) => (stopping ??= stop(reason, deadlineMs)),
    };
  } catch (error) {
    await opened.run();
    throw error;
  }
}
