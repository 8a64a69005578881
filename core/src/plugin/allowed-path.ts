import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, sep } from 'node:path';

const WORLD_WRITABLE = 0o002;

/** A path that code must not be loaded from; the message says why and what to do. */
export class PathRefusedError extends Error {
  override readonly name = 'PathRefusedError';
}

/**
 * The real path of a file or directory that lies in an allow-listed root, links followed. Nothing from the root down to it may be
 * writable by everyone, or owned by anyone but this process's user and root: whoever can write there runs code as the daemon.
 *
 * @param path absolute
 * @param roots absolute directories, from the configuration
 * @throws PathRefusedError
 */
export async function allowedPath(path: string, roots: readonly string[]): Promise<string> {
  if (!isAbsolute(path)) throw new PathRefusedError(`"${path}" is not an absolute path`);
  const real = await realpath(path).catch((cause: unknown) => {
    throw new PathRefusedError(`"${path}" does not exist or cannot be read`, { cause });
  });
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  const root = realRoots.find((candidate) => candidate !== undefined && isWithin(real, candidate));
  if (root === undefined) {
    const where = real === path ? `"${path}"` : `"${path}" leads to "${real}", which`;
    const known = roots.length === 0 ? 'there are none' : roots.join(', ');
    throw new PathRefusedError(
      `${where} is in none of the plugin roots (${known}): move it there, or add its directory to the plugin roots in the configuration`,
    );
  }
  for (let at = real; isWithin(at, root); at = dirname(at)) {
    const { mode, uid } = await stat(at);
    if ((mode & WORLD_WRITABLE) !== 0) throw new PathRefusedError(`"${at}" is writable by everyone: chmod o-w it`);
    if (uid !== 0 && uid !== process.geteuid?.()) {
      throw new PathRefusedError(`"${at}" belongs to user ${uid}: it must be owned by root or by the daemon's user`);
    }
    if (at === dirname(at)) break;
  }
  return real;
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
