import { readFileSync } from 'node:fs';

const FEWEST = 8;

/**
 * How many connections the limit of open files leaves room for; unlimited where it cannot be read.
 *
 * @param reserved files that are kept free of connections
 */
export function connectionsByOpenFiles(reserved: number, limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Infinity : Math.max(FEWEST, Number(soft) - reserved);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Not Linux, or /proc is hidden: then http.connections alone bounds the connections.
    return '';
  }
}
