import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What somebody types in another terminal to run this program: `orchestrator` when it is on their PATH, `npx orchestrator` in a folder
 * that has it among its packages, the whole path otherwise. Folders of packages are left out of PATH: only `npm run` puts them there.
 *
 * @param script real path of this program's script
 * @param directory where they are
 */
export function launcher(script: string, directory: string, path: string): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '' && !folder.endsWith('node_modules/.bin'));
  if (folders.some((folder) => isThis(join(folder, 'orchestrator')))) return 'orchestrator';
  if (isThis(join(directory, 'node_modules', '.bin', 'orchestrator'))) return 'npx orchestrator';
  return `node ${script}`;

  function isThis(file: string): boolean {
    return existsSync(file) && realpathSync(file) === script;
  }
}
