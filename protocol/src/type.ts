import type TypeBox from 'typebox';
import type { TSchema } from 'typebox';

/** The builders of TypeBox that we use. */
type Builders = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>;

type Options = Readonly<Record<string, unknown>>;

/** TypeBox marks its schemas with members that do not show up in JSON; ours carry the same, so that both can be mixed. */
function mark(schema: object, name: '~kind' | '~optional' | '~unsafe', value: unknown): object {
  return Object.defineProperty(schema, name, { value, configurable: true, writable: true, enumerable: false });
}

const plain =
  (kind: string, schema: Options) =>
  (options: Options = {}) =>
    mark({ ...schema, ...options }, '~kind', kind);

function optional(schema: TSchema): object {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
  return mark(copy, '~optional', true);
}

function object(properties: Readonly<Record<string, TSchema>>, options: Options = {}): object {
  const required = Object.keys(properties).filter((name) => !('~optional' in (properties[name] ?? {})));
  const schema = { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options };
  return mark(schema, '~kind', 'Object');
}

function record(key: TSchema & { readonly pattern?: string }, value: TSchema, options: Options = {}): object {
  return mark({ type: 'object', patternProperties: { [key.pattern ?? '^.*$']: value }, ...options }, '~kind', 'Record');
}

const builders = {
  Array: (items: TSchema, options: Options = {}) => mark({ type: 'array', items, ...options }, '~kind', 'Array'),
  Boolean: plain('Boolean', { type: 'boolean' }),
  Integer: plain('Integer', { type: 'integer' }),
  Literal: (value: string | number | boolean, options: Options = {}) =>
    mark({ type: typeof value, const: value, ...options }, '~kind', 'Literal'),
  Null: plain('Null', { type: 'null' }),
  Number: plain('Number', { type: 'number' }),
  Object: object,
  Optional: optional,
  Record: record,
  String: plain('String', { type: 'string' }),
  Union: (anyOf: readonly TSchema[], options: Options = {}) => mark({ anyOf, ...options }, '~kind', 'Union'),
  Unknown: plain('Unknown', {}),
  Unsafe: (schema: Options) => mark({ ...schema }, '~unsafe', null),
};

/**
 * JSON Schemas with static types: TypeBox's types over builders of our own. Loading TypeBox itself takes as long as everything else of a
 * start together (some 370 modules), and these few make the same schemas; a test compares them.
 */
export const Type = builders as unknown as Builders;
