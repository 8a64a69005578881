import { readFile } from 'node:fs/promises';
import { adminKeyPath, defaultDataDirectory, devDataDirectory, SYSTEM_DATA_DIRECTORY } from '../data-directory.js';
import { readRunFile } from '../run-file.js';
import { CommandFailure } from './command-failure.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of every command that talks to a daemon. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

/** Where a daemon is, and the key to log in with. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/** A daemon that runs on this machine. */
export interface LocalDaemon {
  readonly dataDirectory: string;
  readonly url: string;
  readonly pid: number;
}

/**
 * Where to connect: the option, then the environment, then the daemon that runs on this machine. A key is never sent to an address
 * that it does not belong to: without a token of its own, a URL gets the local key only if it is the local daemon's.
 *
 * @throws CommandFailure `unreachable` when no daemon is named and none runs here, `unauthenticated` when there is no key
 */
export async function findAddress(options: ConnectionOptions, environment: Environment): Promise<Address> {
  const url = options.url ?? nonEmpty(environment.ORCHESTRATOR_URL);
  const token = options.token ?? nonEmpty(environment.ORCHESTRATOR_TOKEN);
  if (url !== undefined && token !== undefined) return { url: rpcUrl(url), token };

  const { local, closed } = await lookedFor(options.dataDir, environment);
  if (local === undefined) {
    throw url === undefined
      ? notFound(candidates(options.dataDir, environment), closed)
      : new CommandFailure('unauthenticated', `There is no key for ${url}.`, 'Pass --token or set ORCHESTRATOR_TOKEN.');
  }
  if (url !== undefined && rpcUrl(url) !== local.url) {
    throw new CommandFailure(
      'unauthenticated',
      `There is no key for ${url}; the key in ${local.dataDirectory} belongs to ${local.url}.`,
      'Pass --token or set ORCHESTRATOR_TOKEN.',
    );
  }
  return { url: local.url, token: token ?? (await readAdminKey(local.dataDirectory)) };
}

/** The daemon that runs on a data directory; without one, on the usual ones, in order. */
export async function findLocalDaemon(
  dataDirectory: string | undefined,
  environment: Environment,
): Promise<LocalDaemon | undefined> {
  return (await lookedFor(dataDirectory, environment)).local;
}

/** The daemon that was found, and the directories that this user may not look into. */
async function lookedFor(
  dataDirectory: string | undefined,
  environment: Environment,
): Promise<{ readonly local?: LocalDaemon; readonly closed: readonly string[] }> {
  const closed: string[] = [];
  for (const candidate of candidates(dataDirectory, environment)) {
    const run = await readable(
      () => readRunFile(candidate),
      () => closed.push(candidate),
    );
    if (run === undefined || !isAlive(run.pid)) continue;
    return { local: { dataDirectory: candidate, url: run.url, pid: run.pid }, closed };
  }
  return { closed };
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function candidates(dataDirectory: string | undefined, environment: Environment): readonly string[] {
  const named = dataDirectory ?? nonEmpty(environment.ORCHESTRATOR_DATA_DIR);
  if (named !== undefined) return [named];
  return [defaultDataDirectory(environment), devDataDirectory(environment), SYSTEM_DATA_DIRECTORY];
}

async function readAdminKey(dataDirectory: string): Promise<string> {
  const path = adminKeyPath(dataDirectory);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CommandFailure(
      'unauthenticated',
      `The local key ${path} cannot be read: ${(error as Error).message}.`,
      'Run the command as the user of the daemon, or pass --token or ORCHESTRATOR_TOKEN.',
      undefined,
      { cause: error },
    );
  }
}

function notFound(looked: readonly string[], closed: readonly string[]): CommandFailure {
  if (closed.length > 0) {
    return new CommandFailure(
      'unreachable',
      `No daemon was found (looked in ${looked.join(', ')}); this user may not read ${closed.join(', ')}.`,
      'Run the command as the user of the daemon, or name it with --url ws://127.0.0.1:7420 and a key with --token.',
    );
  }
  return new CommandFailure(
    'unreachable',
    `No daemon runs on this machine (looked in ${looked.join(', ')}).`,
    'Start one with "orchestrator dev" or "orchestrator start", or name one with --url or ORCHESTRATOR_URL.',
  );
}

/** What is there for this user. @param denied called where it may not look */
async function readable<T>(read: () => Promise<T>, denied: () => void): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EACCES' && code !== 'ENOTDIR') throw error;
    if (code === 'EACCES') denied();
    return undefined;
  }
}

/** The WebSocket URL of `/rpc` that a URL stands for: `http` becomes `ws`, a missing path `/rpc`. */
export function rpcUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (url === undefined || scheme === undefined) {
    throw new CommandFailure(
      'usage',
      `"${text}" is not a URL of a daemon.`,
      'Write for example ws://127.0.0.1:7420/rpc.',
    );
  }
  const path = url.pathname === '/' ? '/rpc' : url.pathname;
  return `${scheme}//${url.host}${path}`;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
