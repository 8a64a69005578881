import type { Daemon } from './daemon.js';
import type { Configuration } from './config/load-configuration.js';
import { EXIT_CODES, type ExitCodeName } from './exit-codes.js';
import type { DaemonLog } from './log/daemon-log.js';
import { oneAfterAnother } from './one-after-another.js';
import { writeOverloadReport } from './overload/overload-report.js';

/** How a daemon is run to its end. */
export interface RunOptions {
  /** Reads the configuration; again on SIGHUP. */
  load(): Promise<Configuration>;
  readonly env: NodeJS.ProcessEnv;
  /** Whether a person watches the terminal: the log is readable there unless the configuration says otherwise. */
  readonly dev: boolean;
  onReady?(daemon: Daemon): void;
}

/** Memory is nearly gone when the daemon is exhausted, so calls in flight are given up. */
const EXHAUSTED_DRAIN_MS = 0;
/** Then plugins and programs have this long; whatever leaks goes on meanwhile. */
const EXHAUSTED_STOP_MS = 2_000;
/** Beyond the drain's deadline, for plugins and programs to stop, before the process ends whatever hangs. */
const STOP_GRACE_MS = 30_000;
const LEFTOVERS_MS = 2_000;
const STDERR = 2;

/**
 * Starts a daemon and runs it until a signal ends it: SIGTERM and SIGINT drain and stop, a second one ends at once; SIGHUP reads the
 * configuration again, checks it and then applies it. An error that nobody caught is its plugin's, or ends the daemon.
 *
 * @returns the name of the exit code
 * @throws what {@link startDaemon} throws
 */
export async function runDaemon(options: RunOptions): Promise<ExitCodeName> {
  const configuration = await options.load();
  const { DaemonLog: Log } = await import('./log/daemon-log.js');
  const { level, format, bufferBytes } = configuration.config.log;
  const readable = options.dev && process.stderr.isTTY;
  const log = new Log({
    level,
    format: format === 'auto' ? (readable ? 'pretty' : 'json') : format,
    bufferBytes,
    fd: STDERR,
    colour: readable && options.env.NO_COLOR === undefined,
  });
  for (const warning of configuration.warnings) log.warn({}, warning);

  let end: (exit: ExitCodeName) => void = () => undefined;
  const ended = new Promise<ExitCodeName>((resolve) => (end = resolve));
  let daemon: Daemon | undefined;
  let stopping = false;
  let exhausted = false;
  let guard: NodeJS.Timeout | undefined;
  const stop = (reason: string, exit: ExitCodeName, deadlineMs?: number): void => {
    if (stopping) return;
    stopping = true;
    // It also keeps the process alive meanwhile: no timer of the daemon does.
    guard = setTimeout(
      () => {
        log.fatal({ reason }, 'the stop did not finish in time');
        exitNow(log, 'stop_incomplete');
      },
      (deadlineMs ?? configuration.config.drain.deadlineMs) + STOP_GRACE_MS,
    );
    void (daemon?.stop(reason, deadlineMs) ?? Promise.resolve(true)).then((clean) => {
      // Whatever filled the memory may go on, so nothing more is waited for.
      if (exhausted) exitNow(log, exit);
      end(exit === 'ok' && !clean ? 'stop_incomplete' : exit);
    });
  };

  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping || daemon === undefined) exitNow(log, signal === 'SIGINT' ? 'interrupted' : 'stop_incomplete');
    stop(signal, 'ok');
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  let ready: (daemon: Daemon) => void = () => undefined;
  const started = new Promise<Daemon>((resolve) => (ready = resolve));
  const reloadSoon = oneAfterAnother(async () => {
    // A SIGHUP during the start counts: the configuration may have been read already.
    const running = await started;
    if (!stopping) await reload(running, options, log);
  });
  process.on('SIGHUP', reloadSoon);
  const onUncaught = (error: unknown): void => {
    if (daemon?.plugins.fault(error) !== undefined) return;
    log.fatal({ err: error }, 'an error of the daemon itself was caught by nobody: its state is in doubt, it stops');
    if (daemon === undefined || stopping) exitNow(log, 'failure');
    stop('an error that nobody caught', 'failure', EXHAUSTED_DRAIN_MS);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);

  try {
    const { startDaemon } = await import('./daemon.js');
    daemon = await startDaemon(configuration, log, {
      env: options.env,
      onExhausted(use) {
        exhausted = true;
        const report = writeOverloadReport(daemon?.dataDirectory, use);
        log.fatal({ ...use, report }, 'memory is nearly exhausted: the daemon stops before it would be killed');
        stop('out of memory', 'failure', EXHAUSTED_DRAIN_MS);
        setTimeout(() => exitNow(log, 'failure'), EXHAUSTED_STOP_MS).unref();
      },
      onLost() {
        log.fatal(
          {},
          'memory ran out before the stop was done: the daemon ends; what was answered as durable is on disk',
        );
        exitNow(log, 'failure');
      },
    });
  } catch (error) {
    log.flush();
    throw error;
  }
  options.onReady?.(daemon);
  ready(daemon);
  const exit = await ended;
  clearTimeout(guard);
  log.flush();
  // Everything is closed, so the process ends by itself; should a plugin have left something open, it ends all the same.
  setTimeout(() => exitNow(log, exit), LEFTOVERS_MS).unref();
  return exit;
}

function exitNow(log: DaemonLog, exit: ExitCodeName): never {
  log.flush();
  process.exit(EXIT_CODES[exit].code);
}

async function reload(daemon: Daemon, options: RunOptions, log: DaemonLog): Promise<void> {
  try {
    const next = await options.load();
    for (const warning of next.warnings) log.warn({}, warning);
    const { applied, needRestart, plugins } = await daemon.reload(next);
    log.info({ applied, needRestart, plugins }, 'the configuration was read again');
    if (needRestart.length > 0) log.warn({ needRestart }, 'these keys hold only after a restart of the daemon');
  } catch (error) {
    const issues = error instanceof Error ? error.message.split('\n') : [String(error)];
    log.error({ err: error, issues }, 'the new configuration is refused; the earlier one holds on');
  }
}
