import type { Commit } from './store.js';

/** One commit of several that happen together or not at all. */
export function joined(...commits: readonly Commit[]): Required<Commit> {
  let [checks, puts, deletes, events]: Parts = [NONE, NONE, NONE, NONE];
  for (const commit of commits) {
    checks = both(checks, commit.checks);
    puts = both(puts, commit.puts);
    deletes = both(deletes, commit.deletes);
    events = both(events, commit.events);
  }
  return { checks, puts, deletes, events };
}

type All = Required<Commit>;
type Parts = [All['checks'], All['puts'], All['deletes'], All['events']];

const NONE: readonly never[] = [];

/** Mostly one of them is empty, and the other is taken as it is. */
function both<T>(first: readonly T[], then: readonly T[] = NONE): readonly T[] {
  if (then.length === 0) return first;
  return first.length === 0 ? then : [...first, ...then];
}
