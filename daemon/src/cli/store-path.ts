import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Folder of the store in a data directory. */
const STORE_FOLDER = 'store';

/** Where the store is: in a data directory, or the directory itself, as with a snapshot. */
export async function storePath(directory: string): Promise<string> {
  const inside = join(directory, STORE_FOLDER);
  return (await isDirectory(inside)) ? inside : directory;
}

/** Whether a directory holds a store; without one there is nothing to check. */
export async function holdsStore(directory: string): Promise<boolean> {
  return (await stat(join(await storePath(directory), 'store.json')).catch(() => undefined)) !== undefined;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
