import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapSpaceStatistics } from 'node:v8';
import type { HeapUse } from './heap-watch.js';

/**
 * Writes what filled the memory to `overload-report.json` in the data directory, over an earlier one. Synchronous, because there may be no
 * later.
 *
 * @returns the file; `undefined` when it could not be written
 */
export function writeOverloadReport(dataDirectory: string | undefined, use: HeapUse): string | undefined {
  if (dataDirectory === undefined) return undefined;
  const path = join(dataDirectory, 'overload-report.json');
  const spaces = getHeapSpaceStatistics().map(({ space_name: name, space_used_size: usedBytes }) => ({
    name,
    usedBytes,
  }));
  try {
    const memory = process.memoryUsage();
    const report = { time: new Date().toISOString(), pid: process.pid, ...use, memory, spaces };
    writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600 });
    return path;
  } catch {
    // The log line that follows carries the figures too, and the stop must not depend on the disk.
    return undefined;
  }
}
