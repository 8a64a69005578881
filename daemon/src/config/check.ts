import { isLeaf, isTable, type Leaf, type Table, type Tree } from './leaf.js';
import { unknownKey } from './unknown-key.js';

/** Something wrong at a key. */
export interface Problem {
  readonly key: readonly string[];
  readonly text: string;
}

/**
 * Judges a value against a tree and answers it with the tree's defaults filled in; what is wrong is added to `problems`.
 * A tree's unknown members are refused with the nearest known one.
 */
export function checked(
  node: Tree,
  value: unknown,
  key: readonly string[],
  problems: Problem[],
): Record<string, unknown> {
  const given = members(value, key, problems);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(node, name)) continue;
    problems.push({ key: [...key, name], text: unknownKey(name, Object.keys(node), key) });
  }
  return Object.fromEntries(
    Object.entries(node).map(([name, child]) => [name, checkedChild(child, given[name], [...key, name], problems)]),
  );
}

function checkedChild(
  child: Leaf | Table | Tree,
  value: unknown,
  key: readonly string[],
  problems: Problem[],
): unknown {
  if (isLeaf(child)) {
    if (value === undefined && child.default !== '') return child.default;
    const wrong = child.check(value);
    if (typeof wrong === 'string') problems.push({ key, text: `expected ${wrong}${found(value)}` });
    else if (wrong !== undefined) problems.push({ key: [...key, ...wrong.at], text: wrong.text });
    return value;
  }
  if (!isTable(child)) return checked(child, value, key, problems);
  const entries: Record<string, unknown> = {};
  const given = members(value, key, problems);
  for (const name of Object.keys({ ...child.default, ...given })) {
    const place = [...key, name];
    if (child.names.test(name)) {
      entries[name] = checked(
        child.entry,
        { ...child.default[name], ...members(given[name], place, problems) },
        place,
        problems,
      );
    } else {
      problems.push({ key: place, text: `expected a name like ${child.names.source}` });
    }
  }
  return entries;
}

function members(value: unknown, key: readonly string[], problems: Problem[]): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value };
  problems.push({ key, text: `expected keys and values${found(value)}` });
  return {};
}

/** What stood there; a wrong type is told by its type, since a long or secret text helps nobody. */
function found(value: unknown): string {
  if (value === undefined) return ', and it is missing';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return `, found ${String(value)}`;
  if (typeof value === 'string') return value.length <= 40 ? `, found "${value}"` : ', found a longer text';
  return Array.isArray(value) ? ', found a list' : ', found an object';
}
