import type { Commit } from './store.js';

/** One commit of several that happen together or not at all. */
export function joined(...commits: readonly Commit[]): Commit {
  return {
    checks: commits.flatMap(({ checks = [] }) => checks),
    puts: commits.flatMap(({ puts = [] }) => puts),
    deletes: commits.flatMap(({ deletes = [] }) => deletes),
    events: commits.flatMap(({ events = [] }) => events),
  };
}
