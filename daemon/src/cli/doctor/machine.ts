import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { bytesText } from '../time-text.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Oldest Node that the daemon is tested on. */
const NODE_AT_LEAST = [20, 19] as const;

/** Below the first the daemon will soon refuse writes; below the second it is time to look. */
const DISK_FAIL_BYTES = 64 * 1024 * 1024;
const DISK_WARN_BYTES = 1024 * 1024 * 1024;

/** A clock before this is not set: the project began later. */
const CLOCK_AT_LEAST = Date.UTC(2026, 0, 1);
const CLOCK_AT_MOST = Date.UTC(2100, 0, 1);

/** @param version as `process.versions.node` has it */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = NODE_AT_LEAST;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
    ? ok('Node.js', version)
    : fail('Node.js', version, `Install Node.js ${wantedMajor}.${wantedMinor} or newer.`);
}

/**
 * @param now milliseconds since 1970 UTC
 * @param newest time of the newest thing that the daemon wrote, where there is one
 */
export function checkClock(now: number, newest: number | undefined): Finding {
  const shown = new Date(now).toISOString();
  if (now < CLOCK_AT_LEAST || now > CLOCK_AT_MOST) {
    return fail('clock', shown, 'Set the clock, and keep it set: "timedatectl set-ntp true". Keys expire by it.');
  }
  if (newest !== undefined && newest > now + 60_000) {
    return warn(
      'clock',
      `${shown}, and the data directory was written at ${new Date(newest).toISOString()}`,
      'The clock went back, or is wrong now: check "timedatectl". Keys expire by it; leases and time limits do not.',
    );
  }
  return ok('clock', shown);
}

/** Space for what the daemon writes. */
export async function checkDisk(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const found = `${bytesText(free)} free at ${directory}`;
  const advice =
    'Free space on this file system, or set dataDir to another; the daemon refuses writes when it is full.';
  if (free < DISK_FAIL_BYTES) return fail('disk space', found, advice);
  return free < DISK_WARN_BYTES ? warn('disk space', found, advice) : ok('disk space', found);
}

/** Whether a daemon could listen; to be asked when none of ours runs. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  if (port === 0) return ok('port', 'any free one');
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (failure === undefined) return ok('port', `${host}:${port} is free`);
  const advice =
    failure.code === 'EADDRINUSE'
      ? `Stop what listens there ("ss -ltnp 'sport = :${port}'" names it), or set http.port (--http-port, ORCHESTRATOR_HTTP_PORT).`
      : 'Set http.host and http.port to an address of this machine that its user may listen on.';
  return fail('port', `${host}:${port}: ${failure.code === 'EADDRINUSE' ? 'in use' : failure.message}`, advice);
}
