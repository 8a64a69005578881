import type { Static, TSchema } from 'typebox';

/** One kind of journal event: what happened, and the shape of the details that its record carries. */
export interface EventDeclaration<Name extends string = string, Details extends TSchema = TSchema> {
  /** `noun.pastParticiple`, for example `agent.registered`. */
  readonly name: Name;
  readonly summary: string;
  /** An object schema of at most 4 KiB as JSON; never contents, only names, numbers, states and hashes. */
  readonly details: Details;
}

/** Declares an event. */
export function event<const Name extends string, Details extends TSchema>(
  declaration: EventDeclaration<Name, Details>,
): EventDeclaration<Name, Details> {
  return declaration;
}

/** The type of an event's details. */
export type DetailsOf<E> = E extends EventDeclaration<string, infer D> ? Static<D> : never;
