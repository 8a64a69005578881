import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { adminKeyPath } from '../../data-directory.js';
import { readRunFile } from '../../run-file.js';
import { isAlive } from '../address.js';
import { fail, ok, warn, type Finding } from './finding.js';

const OTHERS = 0o077;

/** The data directory: there, ours, and closed to others. */
export async function checkDataDirectory(directory: string): Promise<Finding> {
  const check = 'data directory';
  const info = await stat(directory).catch(undefinedIfAbsent);
  if (info === undefined) {
    return warn(
      check,
      `${directory} does not exist`,
      'The first start makes it; or name the right one with --data-dir.',
    );
  }
  if (!info.isDirectory()) return fail(check, `${directory} is not a directory`, 'Name another with --data-dir.');
  if ((info.mode & OTHERS) !== 0) {
    const mode = (info.mode & 0o777).toString(8);
    return fail(check, `${directory} is open to other users (mode ${mode})`, `Run: chmod 700 ${directory}`);
  }
  const writable = await access(directory, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    return fail(check, `${directory} is not writable for this user`, 'Run as the user of the daemon, or chown it.');
  }
  return ok(check, directory);
}

/** The first key: there, and readable by its owner only. */
export async function checkAdminKey(directory: string): Promise<Finding> {
  const path = adminKeyPath(directory);
  const info = await stat(path).catch(undefinedIfAbsent);
  if (info === undefined) {
    return warn(
      'admin key',
      `${path} does not exist`,
      'Fine if it was moved to a safe place: local commands then need --token.',
    );
  }
  if ((info.mode & OTHERS) !== 0) {
    const mode = (info.mode & 0o777).toString(8);
    return fail(
      'admin key',
      `${path} is open to other users (mode ${mode})`,
      `Run: chmod 600 ${path}, then "orchestrator keys rotate" the key.`,
    );
  }
  return ok('admin key', path);
}

/** Whether a daemon runs on it, by what it wrote at its start. */
export async function checkRunFile(directory: string): Promise<Finding> {
  const run = await readRunFile(directory);
  if (run === undefined) return ok('daemon', 'not running');
  if (isAlive(run.pid)) return ok('daemon', `running, pid ${run.pid}, ${run.url}`);
  return warn(
    'daemon',
    `not running; pid ${run.pid} ended without stopping in order`,
    'Look at the end of its log for why, then start it again: what it had acknowledged is kept.',
  );
}

/** When something in a directory was last written, in milliseconds since 1970; `undefined` when it is empty or absent. */
export async function newestWrite(directory: string): Promise<number | undefined> {
  const names = await readdir(directory).catch(undefinedIfAbsent);
  const times = await Promise.all((names ?? []).map(async (name) => (await stat(join(directory, name))).mtimeMs));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether a path is a directory that this user may look into. */
export async function canBeRead(path: string): Promise<boolean> {
  return access(`${path}/.`, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
