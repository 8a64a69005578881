import { Type } from '@ai-orchestrator/protocol';
import type { TInteger, TOptional } from 'typebox';

/** A limit: its bounds, its default, and what it is of. */
export interface Limit {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
  readonly description: string;
}

/** Declares a limit; its unit is said by its name. */
export function limit(value: number, minimum: number, maximum: number, description: string): Limit {
  return { minimum, maximum, default: value, description };
}

/** The limits of a table where the configuration says nothing. */
export function defaultsOf<Name extends string>(table: Readonly<Record<Name, Limit>>): Readonly<Record<Name, number>> {
  const entries = Object.entries<Limit>(table).map(([name, { default: value }]) => [name, value]);
  return Object.fromEntries(entries) as Readonly<Record<Name, number>>;
}

/** A table's members of a configuration schema. */
export function schemasOf<Name extends string>(
  table: Readonly<Record<Name, Limit>>,
): Readonly<Record<Name, TOptional<TInteger>>> {
  const entries = Object.entries<Limit>(table).map(([name, options]) => [
    name,
    Type.Optional(Type.Integer({ ...options })),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<Name, TOptional<TInteger>>>;
}
