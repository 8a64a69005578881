import { Type } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import TypeBox from 'typebox';

/** A schema as plain data, with the members that JSON leaves out. */
function whole(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(whole);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.getOwnPropertyNames(schema).map((name) => [name, whole((schema as Record<string, unknown>)[name])]),
  );
}

function build(T: typeof Type): unknown[] {
  const text = T.String({ minLength: 1, pattern: '^a' });
  return [
    text,
    T.Integer({ minimum: 0 }),
    T.Number(),
    T.Boolean({ default: true }),
    T.Null(),
    T.Literal('a', { description: 'x' }),
    T.Literal(7),
    T.Literal(false),
    T.Unknown(),
    T.Unknown({ description: 'Any.' }),
    T.Array(text, { maxItems: 3 }),
    T.Union([T.Literal('a'), T.Null()], { default: 'a' }),
    T.Object({}),
    T.Object({ a: text, b: T.Optional(T.Integer()), c: T.Optional(T.Object({ d: T.Null() })) }),
    T.Object({ a: T.Optional(text) }, { additionalProperties: false }),
    T.Record(T.String(), T.Integer()),
    T.Record(T.String({ pattern: '^[a-z]+$' }), text, { maxProperties: 2 }),
    T.Optional(T.Array(T.Boolean())),
    T.Unsafe<string>({ type: 'string', format: 'semver' }),
  ];
}

describe('Type', () => {
  it('makes the schemas that TypeBox makes, its hidden members included [WORK-06]', () => {
    expect(build(Type).map(whole)).to.deep.equal(build(TypeBox).map(whole));
  });

  it('can be mixed with TypeBox in one schema [WORK-07]', () => {
    const mixed = TypeBox.Object({ a: Type.Optional(Type.String()), b: Type.Integer() });
    const other = Type.Object({ a: TypeBox.Optional(TypeBox.String()), b: TypeBox.Integer() });
    expect(mixed.required).to.deep.equal(['b']);
    expect(other.required).to.deep.equal(['b']);
  });
});
