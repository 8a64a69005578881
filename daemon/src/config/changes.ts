import { isDeepStrictEqual } from 'node:util';
import { isLeaf, isTable, type Tree } from './leaf.js';
import { SCHEMA, type Config } from './schema.js';

/** Which keys differ between two configurations, by what it takes to apply them. */
export interface Changes {
  /** Applied on SIGHUP. */
  readonly live: readonly string[];
  /** Applied at the next start. */
  readonly restart: readonly string[];
}

/** Compares two configurations; the options of plugins are `live`, since plugins are reloaded with them. */
export function changesBetween(before: Config, after: Config): Changes {
  const changes = { live: [] as string[], restart: [] as string[] };
  compare(SCHEMA, before, after, [], changes);
  return changes;
}

function compare(
  tree: Tree,
  before: unknown,
  after: unknown,
  key: readonly string[],
  to: Record<'live' | 'restart', string[]>,
): void {
  for (const [name, node] of Object.entries(tree)) {
    const [old, now] = [member(before, name), member(after, name)];
    const place = [...key, name];
    if (isDeepStrictEqual(old, now)) continue;
    if (isLeaf(node)) to[node.reload].push(place.join('.'));
    else if (!isTable(node)) compare(node, old, now, place, to);
    else {
      for (const entry of new Set([...Object.keys(Object(old) as object), ...Object.keys(Object(now) as object)])) {
        const [a, b] = [member(old, entry), member(now, entry)];
        if (a === undefined || b === undefined) to.restart.push([...place, entry].join('.'));
        else compare(node.entry, a, b, [...place, entry], to);
      }
    }
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
