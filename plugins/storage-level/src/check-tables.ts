import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './durable-file.js';
import type { Level } from './level.js';
import { tableFault } from './table-file.js';

const TABLE_LINE = /^ (\d+):\d+\[/gm;

/** Reads every table that LevelDB has in use; says which are damaged, and where. */
export async function checkTables(level: Level): Promise<string[]> {
  const found: string[] = [];
  for (const number of liveTables(level)) {
    const path = join(level.location, `${String(number).padStart(6, '0')}.ldb`);
    const fault = await faultOf(path);
    // A compaction may have replaced it since.
    if (fault !== undefined && liveTables(level).has(number))
      found.push(`the index table ${path} is damaged: ${fault}`);
  }
  return found;
}

/** Numbers of the tables that LevelDB has in use. */
export function liveTables(level: Level): ReadonlySet<number> {
  return new Set([...level.getProperty('leveldb.sstables').matchAll(TABLE_LINE)].map(([, number]) => Number(number)));
}

async function faultOf(path: string): Promise<string | undefined> {
  try {
    return tableFault(await readFile(path));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'it is missing';
    throw error;
  }
}
