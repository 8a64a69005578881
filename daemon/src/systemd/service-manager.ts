import type { Log } from '@ai-orchestrator/core/plugin';
import { spawn } from 'node:child_process';

/** States of one notification that may wait while another is on its way; more are left out, oldest first. */
const MAX_WAITING = 8;
const NOTIFY_TIMEOUT_MS = 5_000;

/** What the service manager is told; without one, nothing. */
export interface ServiceManager {
  /** Assignments such as `READY=1`; sent in the order of the calls [sd_notify(3)]. */
  notify(...assignments: readonly string[]): void;
  /** Resolves when everything was sent. */
  settled(): Promise<void>;
  /** How often the watchdog has to be fed at least, milliseconds; `undefined` when nobody watches. */
  readonly watchdogMs: number | undefined;
}

/**
 * systemd by its environment: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Node has no datagram sockets of the Unix domain, so
 * `systemd-notify` sends; the unit therefore says NotifyAccess=all.
 */
export function serviceManager(env: NodeJS.ProcessEnv, log: Log): ServiceManager {
  const socket = env.NOTIFY_SOCKET;
  if (socket === undefined || socket === '') {
    return { notify: () => undefined, settled: () => Promise.resolve(), watchdogMs: undefined };
  }
  const ours = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(process.pid);
  const usec = Number(env.WATCHDOG_USEC);
  const watchdogMs = ours && Number.isSafeInteger(usec) && usec > 0 ? usec / 1000 : undefined;

  const waiting: (readonly string[])[] = [];
  let sending: Promise<void> | undefined;
  const sendAll = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await send(next, socket, env.PATH);
      } catch (error) {
        log.error(
          { err: error, assignments: next },
          'the service manager could not be told; is systemd-notify in PATH?',
        );
      }
    }
    sending = undefined;
  };
  return {
    watchdogMs,
    notify(...assignments) {
      waiting.push(assignments);
      if (waiting.length > MAX_WAITING) waiting.shift();
      sending ??= sendAll();
    },
    async settled() {
      await sending;
    },
  };
}

function send(assignments: readonly string[], socket: string, path = '/usr/bin:/bin'): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('systemd-notify', [`--pid=${process.pid}`, ...assignments], {
      env: { NOTIFY_SOCKET: socket, PATH: path },
      stdio: 'ignore',
      timeout: NOTIFY_TIMEOUT_MS,
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`systemd-notify ended with ${signal ?? `code ${String(code)}`}`));
    });
  });
}
