import { access, constants, mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Data directory of the systemd unit. */
export const SYSTEM_DATA_DIRECTORY = '/var/lib/ai-orchestrator';

/** Data directory where the configuration names none: `$XDG_STATE_HOME/ai-orchestrator`. */
export function defaultDataDirectory(environment: Environment): string {
  const stateHome = environment.XDG_STATE_HOME;
  // Relative paths are to be ignored [XDG Base Directory Specification].
  const base = stateHome?.startsWith('/') ? stateHome : join(environment.HOME ?? homedir(), '.local', 'state');
  return join(base, 'ai-orchestrator');
}

/** Data directory of `orchestrator dev`. */
export function devDataDirectory(environment: Environment): string {
  return join(defaultDataDirectory(environment), 'dev');
}

/** The file that holds the first key, readable by its owner only. */
export function adminKeyPath(dataDirectory: string): string {
  return join(dataDirectory, 'admin.key');
}

/**
 * As `mkdir` with `recursive`, which in places like /proc, where nothing can be made in a directory that is there, asks again for ever.
 *
 * @throws Error as `mkdir`
 */
async function makeDirectories(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Somebody else may have made it meanwhile.
    if (!(await isDirectory(dirname(path)))) await makeDirectories(dirname(path));
    await makeOne(path);
  }
}

/** Makes a directory, unless it is there, be it that somebody else made it just now. */
async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isDirectory(path))) throw error;
  }
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Makes a data directory unless it is there.
 *
 * @throws Error naming the directory and the key to change, when this user cannot make or use it
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    await makeDirectories(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const advice = 'give it to the user of the daemon, or set dataDir (--data-dir, ORCHESTRATOR_DATA_DIR)';
    throw new Error(`the data directory ${path} cannot be used: ${why}; ${advice}`, { cause });
  }
}
