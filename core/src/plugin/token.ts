declare const provided: unique symbol;

/** Names a service and carries its type; the same name is the same token, also from a second copy of this package. */
export type Token<T> = symbol & { readonly [provided]: T };

/** What a token stands for. */
export type Provided<T> = T extends Token<infer S> ? S : never;

/**
 * Makes the token of a service. An interface and its token share a name: `interface Store {…}` and
 * `const Store = token<Store>('store')`.
 *
 * @param name kebab-case, unique among services
 */
export function token<T>(name: string): Token<T> {
  return Symbol.for(`ai-orchestrator/${name}`) as Token<T>;
}

/** The name that a token was made with, for messages. */
export function tokenName(of: Token<unknown>): string {
  return of.description?.replace('ai-orchestrator/', '') ?? '?';
}
