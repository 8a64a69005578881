import type { Static, TSchema } from 'typebox';
import type { ErrorName } from './error.js';
import type { Permission } from './permission.js';

/** Who answers a method: the daemon (a client calls it) or a client (the daemon calls it). */
export type Answerer = 'daemon' | 'client';

/**
 * One method of the protocol, declared once: static types, validators, OpenRPC, reference and command completion all come
 * from this value.
 */
export interface MethodDeclaration<
  Name extends string = string,
  Params extends TSchema = TSchema,
  Result extends TSchema = TSchema,
  Relayed extends string | undefined = string | undefined,
  AnsweredBy extends Answerer = Answerer,
> {
  /** `noun.verb`, ASCII, at most 64 characters. */
  readonly name: Name;
  readonly summary: string;
  /** What the caller must be allowed to do; `'public'` needs no authentication. */
  readonly permission: Permission | 'public';
  /** An object schema with `additionalProperties: false`. */
  readonly params: Params;
  readonly result: Result;
  /** Errors of our own table that this method may answer, beside those that any method may. */
  readonly errors: readonly ErrorName[];
  /** Whether a call changes something; such a method takes `idempotencyKey`. */
  readonly effect: boolean;
  readonly answeredBy: AnsweredBy;
  /** Sent without an id and never answered [JSON-RPC 2.0 §4.1]. */
  readonly notification: boolean;
  /** Brings work under way to its end: taken also while the daemon goes away, or is short of memory. */
  readonly concludes: boolean;
  /**
   * A member of params whose bytes are checked to be JSON within the limits and then handed on as they came, never
   * parsed: a relayed payload. Its schema is not applied.
   */
  readonly relayed: Relayed;
}

type MethodOptions<
  Name extends string,
  Params extends TSchema,
  Result extends TSchema,
  Relayed extends string | undefined,
  AnsweredBy extends Answerer,
> = Pick<MethodDeclaration<Name, Params, Result, Relayed>, 'name' | 'summary' | 'permission' | 'params' | 'result'> &
  Partial<
    Pick<
      MethodDeclaration<Name, Params, Result, Relayed, AnsweredBy>,
      'errors' | 'effect' | 'answeredBy' | 'notification' | 'concludes' | 'relayed'
    >
  >;

/** Declares a method; whatever is not said has no effect, is answered by the daemon, and answers no error of its own. */
export function method<
  const Name extends string,
  Params extends TSchema,
  Result extends TSchema,
  const Relayed extends string | undefined = undefined,
  const AnsweredBy extends Answerer = 'daemon',
>(
  options: MethodOptions<Name, Params, Result, Relayed, AnsweredBy>,
): MethodDeclaration<Name, Params, Result, Relayed, AnsweredBy> {
  return {
    errors: [],
    effect: false,
    answeredBy: 'daemon' as AnsweredBy,
    notification: false,
    concludes: false,
    relayed: undefined as Relayed,
    ...options,
  };
}

/** The type of a method's params, as a caller writes them. */
export type ParamsOf<M> = M extends MethodDeclaration<string, infer P> ? Static<P> : never;

/** The type of a method's params, as a handler receives them: without the relayed member, whose bytes come apart. */
export type HandlerParamsOf<M> =
  M extends MethodDeclaration<string, infer P, TSchema, infer R>
    ? R extends string
      ? Omit<Static<P>, R>
      : Static<P>
    : never;

/** The type of a method's result. */
export type ResultOf<M> = M extends MethodDeclaration<string, TSchema, infer R> ? Static<R> : never;
