import { invalidParams } from './rpc-error.js';

/** One page of a listing as JSON text. */
export interface Page {
  /** Elements, with commas, without brackets. */
  readonly text: string;
  readonly nextCursor: string | undefined;
}

/**
 * One page, from the element after the one that the cursor names. Names instead of numbers, so that a listing that changes between two
 * pages neither repeats nor skips what stayed.
 *
 * @throws RpcError -32602 for a cursor that leads nowhere [MCP, server/utilities/pagination]
 */
export function pageOf<T>(
  all: readonly T[],
  key: (one: T) => string,
  write: (one: T) => string,
  size: number,
  cursor: unknown,
): Page {
  let start = 0;
  if (cursor !== undefined) {
    const after = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString('utf8') : '';
    // Written in one way only: what is kept by cursor would otherwise grow by ever other spellings of the same.
    const found = cursorAfter(after) === cursor ? all.findIndex((one) => key(one) === after) : -1;
    if (found < 0) throw invalidParams('this cursor leads nowhere; list again from the beginning');
    start = found + 1;
  }
  const part = all.slice(start, start + size);
  const last = part.at(-1);
  const more = last !== undefined && start + size < all.length;
  return {
    text: part.map(write).join(','),
    nextCursor: more ? cursorAfter(key(last)) : undefined,
  };
}

function cursorAfter(name: string): string {
  return Buffer.from(name).toString('base64url');
}
