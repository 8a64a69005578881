/** When a changed value takes effect: on SIGHUP, or at the next start. */
export type Reload = 'live' | 'restart';

/** A JSON Schema, as far as the configuration needs one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is wrong somewhere within a value. */
export interface Misfit {
  /** Names of members and indexes of items that lead there. */
  readonly at: readonly string[];
  readonly text: string;
}

/** One value of the configuration. */
export interface Leaf<T = unknown> {
  readonly kind: 'leaf';
  readonly doc: string;
  readonly default: T;
  readonly reload: Reload;
  readonly schema: JsonSchema;
  /** What was expected, in words, when the value is not right, or what is wrong within it. */
  check(value: unknown): string | Misfit | undefined;
  /** From the text of an environment variable or a flag; text that cannot be read is handed on for `check` to refuse. */
  parse(text: string): unknown;
}

/** Named entries of one shape, for example the plugins. */
export interface Table<Entry extends Tree = Tree> {
  readonly kind: 'table';
  readonly doc: string;
  readonly reload: Reload;
  readonly entry: Entry;
  /** What a name must look like. */
  readonly names: RegExp;
  /** Entries that are there unless the file says otherwise; the file's members go over theirs. */
  readonly default: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Leaves and tables by name, nested. */
export interface Tree {
  readonly [name: string]: Leaf | Table | Tree;
}

/** The values that a tree describes. */
export type ConfigOf<T> =
  T extends Leaf<infer V>
    ? V
    : T extends Table<infer E>
      ? Readonly<Record<string, ConfigOf<E>>>
      : { readonly [K in keyof T]: ConfigOf<T[K]> };

/** Whether a node of the tree is a value, not a branch. */
export function isLeaf(node: Leaf | Table | Tree): node is Leaf {
  return node.kind === 'leaf' && typeof node.check === 'function';
}

/** Whether a node of the tree is a table. */
export function isTable(node: Leaf | Table | Tree): node is Table {
  return node.kind === 'table' && node.names instanceof RegExp;
}

interface Common<T> {
  readonly doc: string;
  readonly default: T;
  readonly reload?: Reload;
}

function leaf<T>(
  common: Common<T>,
  schema: JsonSchema,
  check: Leaf['check'],
  parse: Leaf['parse'] = (text) => text,
): Leaf<T> {
  return { kind: 'leaf', reload: 'restart', ...common, schema, check, parse };
}

/** A whole number within bounds. */
export function integer(
  options: Common<number> & { readonly minimum: number; readonly maximum: number },
): Leaf<number> {
  const { minimum, maximum, ...common } = options;
  const inBounds = (value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
  return leaf(
    common,
    { type: 'integer', minimum, maximum },
    (value) => (inBounds(value) ? undefined : `a whole number from ${String(minimum)} to ${String(maximum)}`),
    (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text),
  );
}

/** A fraction from 0 to 1. */
export function fraction(common: Common<number>): Leaf<number> {
  return leaf(
    common,
    { type: 'number', minimum: 0, maximum: 1 },
    (value) => (typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1'),
    (text) => (/^(?:0|1|0?\.\d{1,6}|1\.0{1,6})$/.test(text) ? Number(text) : text),
  );
}

/** Text of at most 4,096 characters. */
export function text<T extends string | undefined>(
  options: Common<T> & { readonly pattern?: RegExp; readonly expected?: string },
): Leaf<T> {
  const { pattern, expected = 'text of 1 to 4096 characters', ...common } = options;
  const fits = (value: unknown) =>
    typeof value === 'string' && value.length > 0 && value.length <= 4096 && (pattern?.test(value) ?? true);
  return leaf(
    common,
    { type: 'string', minLength: 1, maxLength: 4096, ...(pattern === undefined ? {} : { pattern: pattern.source }) },
    (value) => (fits(value) || (value === undefined && common.default === undefined) ? undefined : expected),
  );
}

/** One of a few words. */
export function choice<const V extends string>(
  options: Common<NoInfer<V>> & { readonly values: readonly V[] },
): Leaf<V> {
  const { values, ...common } = options;
  const words: readonly unknown[] = values;
  return leaf(common, { enum: values }, (value) => (words.includes(value) ? undefined : `one of ${values.join(', ')}`));
}

/** Yes or no. */
export function flag(common: Common<boolean>): Leaf<boolean> {
  return leaf(
    common,
    { type: 'boolean' },
    (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
    (word) => (word === 'true' ? true : word === 'false' ? false : word),
  );
}

/** A list of texts; in an environment variable or a flag they are separated by commas. */
export function list(
  options: Common<readonly string[]> & {
    readonly maxItems: number;
    readonly pattern?: RegExp;
    readonly expected?: string;
  },
): Leaf<readonly string[]> {
  const { maxItems, pattern, expected = `a list of at most ${String(maxItems)} texts`, ...common } = options;
  const fits = (value: unknown) =>
    Array.isArray(value) &&
    value.length <= maxItems &&
    value.every((item) => typeof item === 'string' && item.length <= 4096 && (pattern?.test(item) ?? true));
  const items = { type: 'string', maxLength: 4096, ...(pattern === undefined ? {} : { pattern: pattern.source }) };
  return leaf(
    common,
    { type: 'array', maxItems, items },
    (value) => (fits(value) ? undefined : expected),
    (joined) => (joined === '' ? [] : joined.split(',').map((item) => item.trim())),
  );
}

/** An object whose members `check` judges; it has no form in an environment variable. */
export function object<T>(
  options: Common<T> & {
    readonly schema?: JsonSchema;
    readonly check?: (value: object) => string | Misfit | undefined;
  },
): Leaf<T> {
  const { schema = { type: 'object' }, check, ...common } = options;
  return leaf(common, schema, (value) =>
    typeof value !== 'object' || value === null || Array.isArray(value) ? 'an object' : check?.(value),
  );
}

/** A list of objects that `check` judges one by one; it has no form in an environment variable. */
export function objects<T>(
  options: Common<readonly T[]> & {
    readonly maxItems: number;
    readonly schema: JsonSchema;
    readonly check: (value: object) => Misfit | undefined;
  },
): Leaf<readonly T[]> {
  const { maxItems, schema, check, ...common } = options;
  return leaf(common, { type: 'array', maxItems, items: schema }, (value) => {
    if (!Array.isArray(value) || value.length > maxItems) return `a list of at most ${String(maxItems)} objects`;
    for (const [i, item] of (value as readonly unknown[]).entries()) {
      const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
      const misfit = isObject ? check(item) : { at: [], text: 'expected an object' };
      if (misfit !== undefined) return { at: [String(i), ...misfit.at], text: misfit.text };
    }
    return undefined;
  });
}

/** Named entries of one shape. */
export function table<E extends Tree>(options: Omit<Table<E>, 'kind' | 'reload'> & { reload?: Reload }): Table<E> {
  return { kind: 'table', reload: 'restart', ...options };
}
