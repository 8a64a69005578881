import type { Commit } from './store.js';

/** One commit of several that happen together or not at all. */
export function joined(first: Commit, ...rest: readonly Commit[]): Commit {
  if (rest.every(isEmpty)) return first;
  const commits = [first, ...rest];
  return {
    checks: commits.flatMap(({ checks = [] }) => checks),
    puts: commits.flatMap(({ puts = [] }) => puts),
    deletes: commits.flatMap(({ deletes = [] }) => deletes),
    events: commits.flatMap(({ events = [] }) => events),
  };
}

function isEmpty({ checks, puts, deletes, events }: Commit): boolean {
  return checks === undefined && puts === undefined && deletes === undefined && events === undefined;
}
