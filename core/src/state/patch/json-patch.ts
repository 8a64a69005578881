import { depthOf, sameJson } from './json.js';
import type { Json } from './json.js';
import { indexIn, tokensOf } from './json-pointer.js';

/** One operation of a JSON Patch [RFC 6902 §4]. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

/** Bounds of what a patch may make. */
export interface PatchLimits {
  /** Bytes that operations `copy` may add, all together, as JSON. */
  readonly copiedBytes: number;
  /** How deep the document may nest at the place of an operation. */
  readonly depth: number;
}

/** Why an operation cannot be applied. */
export class PatchError extends Error {
  /**
   * @param index of the operation
   * @param member of the operation that is wrong; none where its test failed
   * @param found what a test found there
   */
  constructor(
    readonly index: number,
    readonly member: 'path' | 'from' | 'value' | undefined,
    message: string,
    readonly found?: Json,
  ) {
    super(message);
  }
}

/** A value that belongs to the patch being applied, so that it may be changed in place. */
type Own = null | boolean | number | string | Own[] | { [name: string]: Own };
/** Where an operation works: a member of what. */
type Place =
  { readonly in: Own[]; readonly at: number } | { readonly in: { [name: string]: Own }; readonly at: string };

/** Names by which a prototype could be reached. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A document with a JSON Patch applied, whole or not at all [RFC 6902 §5].
 *
 * @param document is changed; whoever calls has no further use for it
 * @returns the document; `undefined` where the patch removed the whole of it
 * @throws PatchError
 */
export function applyJsonPatch(
  document: Json,
  operations: readonly PatchOperation[],
  limits: PatchLimits,
): Json | undefined {
  const patching = new Patching(document as Own, limits);
  operations.forEach((operation, index) => {
    patching.apply(operation, index);
  });
  return patching.document;
}

class Patching {
  #copied = 0;
  #index = 0;

  constructor(
    public document: Own | undefined,
    private readonly limits: PatchLimits,
  ) {}

  apply(operation: PatchOperation, index: number): void {
    this.#index = index;
    const tokens = tokensOf(operation.path);
    switch (operation.op) {
      case 'add':
        this.#add(tokens, this.#owned(operation.value, tokens));
        return;
      case 'replace':
        this.#expect(tokens, 'path');
        this.#replace(tokens, this.#owned(operation.value, tokens));
        return;
      case 'remove':
        this.#expect(tokens, 'path');
        this.#remove(tokens);
        return;
      case 'move':
        this.#move(tokens, tokensOf(operation.from));
        return;
      case 'copy':
        this.#copy(tokens, this.#expect(tokensOf(operation.from), 'from'));
        return;
      case 'test': {
        const found = this.#read(tokens);
        if (found !== undefined && sameJson(found, operation.value)) return;
        throw new PatchError(index, undefined, `${operation.path} is not what the test expects`, found);
      }
    }
  }

  #move(to: readonly string[], from: readonly string[]): void {
    const value = this.#expect(from, 'from');
    if (from.length < to.length && from.every((token, i) => token === to[i])) {
      throw this.#wrong('from', 'cannot be moved into itself');
    }
    this.#expectDepth(value, to);
    this.#remove(from);
    this.#add(to, value);
  }

  #copy(to: readonly string[], value: Own): void {
    this.#copied += JSON.stringify(value).length;
    if (this.#copied > this.limits.copiedBytes) {
      throw this.#wrong('from', `makes more than ${String(this.limits.copiedBytes)} bytes of copies`);
    }
    this.#add(to, this.#owned(value, to));
  }

  /** A value of the patch's own, so that later operations may change it. */
  #owned(value: Json, place: readonly string[]): Own {
    this.#expectDepth(value, place);
    return structuredClone(value) as Own;
  }

  #add(tokens: readonly string[], value: Own): void {
    if (tokens.length === 0) {
      this.document = value;
      return;
    }
    const place = this.#place(tokens, true);
    if (typeof place.at === 'number') (place.in as Own[]).splice(place.at, 0, value);
    else (place.in as { [name: string]: Own })[place.at] = value;
  }

  #replace(tokens: readonly string[], value: Own): void {
    if (tokens.length === 0) {
      this.document = value;
      return;
    }
    const place = this.#place(tokens);
    if (typeof place.at === 'number') (place.in as Own[])[place.at] = value;
    else (place.in as { [name: string]: Own })[place.at] = value;
  }

  #remove(tokens: readonly string[]): void {
    if (tokens.length === 0) {
      this.document = undefined;
      return;
    }
    const place = this.#place(tokens);
    if (typeof place.at === 'number') (place.in as Own[]).splice(place.at, 1);
    else Reflect.deleteProperty(place.in, place.at);
  }

  /** Where the last token is or, to add, would be. */
  #place(tokens: readonly string[], adding = false): Place {
    const within = this.#read(tokens.slice(0, -1));
    const last = tokens.at(-1) ?? '';
    if (Array.isArray(within)) {
      const at = adding && last === '-' ? within.length : indexIn(last);
      if (at === undefined) throw this.#wrong('path', `${last} is no place in an array`);
      if (at > within.length)
        throw this.#wrong('path', `is past the end of the array, which has ${String(within.length)}`);
      return { in: within, at };
    }
    if (typeof within !== 'object' || within === null) throw this.#wrong('path', 'is in nothing that has members');
    if (FORBIDDEN.has(last)) throw this.#wrong('path', `may not name ${last}`);
    return { in: within, at: last };
  }

  /** @throws PatchError where nothing is there */
  #expect(tokens: readonly string[], member: 'path' | 'from'): Own {
    const value = this.#read(tokens);
    if (value === undefined) throw this.#wrong(member, 'is not there');
    return value;
  }

  #read(tokens: readonly string[]): Own | undefined {
    let value = this.document;
    for (const token of tokens) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value)) {
        const index = indexIn(token);
        value = index === undefined ? undefined : value[index];
      } else value = Object.hasOwn(value, token) ? value[token] : undefined;
    }
    return value;
  }

  #expectDepth(value: Json, place: readonly string[]): void {
    if (place.length + depthOf(value) <= this.limits.depth) return;
    throw this.#wrong('value', `would nest deeper than ${String(this.limits.depth)}`);
  }

  #wrong(member: 'path' | 'from' | 'value', message: string): PatchError {
    return new PatchError(this.#index, member, message);
  }
}
