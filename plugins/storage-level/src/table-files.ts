import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './durable-file.js';
import { tableEntries } from './table-file.js';

/** What LevelDB appends to a key: its sequence and kind. */
const TRAILER_BYTES = 8;
const CONTENT = /^\d+\.(?:ldb|sst|log)$/;

/** Names of the files in a LevelDB directory that hold values: its tables and its write-ahead log. */
export async function valueFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => CONTENT.test(name));
}

/** Whether a file of a LevelDB directory is a table. */
export function isTable(name: string): boolean {
  return name.endsWith('.ldb') || name.endsWith('.sst');
}

/** The first key of a table; undefined when the table is no longer there. @throws RangeError when it is damaged */
export async function firstKey(directory: string, name: string): Promise<string | undefined> {
  let file;
  try {
    file = await readFile(join(directory, name));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  for (const { key } of tableEntries(file)) return key.toString('utf8', 0, key.length - TRAILER_BYTES);
  return undefined;
}
