import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/**
 * The file that a command would run: an absolute path as it is, a name as the first of that name along a search path, as a shell would
 * find it.
 *
 * @param searchPath directories, separated by colons; those that are not absolute are passed over
 * @returns undefined when there is no such executable file
 */
export async function commandPath(command: string, searchPath: string): Promise<string | undefined> {
  if (isAbsolute(command)) return (await isExecutable(command)) ? command : undefined;
  // "./server" would mean another file in each directory that the daemon might run in.
  if (command === '' || command.includes('/')) return undefined;
  for (const directory of searchPath.split(':')) {
    if (!isAbsolute(directory)) continue;
    const path = join(directory, command);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Whatever keeps it from being run, it cannot be run.
    return false;
  }
}
