import { readFileSync } from 'node:fs';

/** Files beside connections: the store, the log, plugins, programs. */
const RESERVED = 96;
const FEWEST = 8;

/** How many connections the limit of open files leaves room for; unlimited where it cannot be read. */
export function connectionsByOpenFiles(limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Infinity : Math.max(FEWEST, Number(soft) - RESERVED);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Not Linux, or /proc is hidden: then http.connections alone bounds the connections.
    return '';
  }
}
