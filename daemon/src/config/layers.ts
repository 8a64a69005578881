import { isLeaf, isTable, type Leaf, type Table, type Tree } from './leaf.js';
import { variableOf } from './schema.js';

/** A value of the configuration, or an entry of a table, and whether the file has it. */
export interface Place {
  readonly key: readonly string[];
  readonly leaf: Leaf | Table;
  readonly written: boolean;
}

/** Every leaf of a tree, and every entry of its tables that the file has. */
export function leavesOf(node: Tree, value: unknown, key: readonly string[] = []): Place[] {
  return Object.entries(node).flatMap(([name, child]): Place[] => {
    const written = member(value, name);
    const place = [...key, name];
    if (isLeaf(child)) return [{ key: place, leaf: child, written: written !== undefined }];
    if (!isTable(child)) return leavesOf(child, written, place);
    const entries = Object.keys(Object(written ?? {}) as object);
    return entries.map((entry) => ({ key: [...place, entry], leaf: child, written: true }));
  });
}

/** Puts the layers over one another: flags over environment over file over defaults. */
export async function layered(
  tree: Tree,
  file: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { default: convict } = await import('convict');
  const described = describe(tree, []);
  const layers = convict<Record<string, unknown>>(described, { env, args: [] });
  layers.load({ ...file });
  for (const [key, typed] of Object.entries(flags)) layers.set(key, typed);
  return layers.getProperties();

  /** The tree in convict's terms; one format a leaf, since only a format's name reaches its converter. */
  function describe(node: Tree, key: readonly string[]): Record<string, never> {
    return Object.fromEntries(
      Object.entries(node).map(([name, child]) => {
        const place = [...key, name];
        const dotted = place.join('.');
        if (isTable(child)) return [name, { doc: child.doc, default: {}, format: Object }];
        if (!isLeaf(child)) return [name, describe(child, place)];
        // As for a table: the members of a value are not looked up in the tree.
        if (child.schema.type === 'object') return [name, { doc: child.doc, default: child.default, format: Object }];
        const format = `orchestrator:${dotted}`;
        convict.addFormat({ name: format, coerce: (text: string) => child.parse(text), validate: () => undefined });
        return [name, { doc: child.doc, default: child.default, format, env: variableOf(dotted) }];
      }),
    ) as Record<string, never>;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
