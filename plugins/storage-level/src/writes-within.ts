import { compareKeys } from '@ai-orchestrator/core/plugin';
import type { Write } from './frame.js';
import { nth } from './nth.js';

type Writes = ReadonlyMap<string, Write>;

/** Keys from `from` on and before `to`, the first or, in reverse, the last of them. */
interface Bounds {
  readonly from: string;
  readonly to: string;
  readonly reverse: boolean;
}

/**
 * The writes that a page of a range is made of, beside what LevelDB has, in no order: all that come before one more than `limit` values.
 * What is beyond is in no page of `limit`, whatever LevelDB has.
 *
 * @param older what `newer` has of the same keys is left out
 */
export function writesWithin(
  older: Writes | undefined,
  newer: Writes,
  { from, to, reverse }: Bounds,
  limit: number,
): Map<string, Write> {
  const prefix = commonPrefix(from, to);
  const { length } = prefix;
  const order = ({ key: a }: Write, { key: b }: Write): number =>
    reverse ? compareKeys(b, a, length) : compareKeys(a, b, length);
  let found: Write[] = [];
  let values = 0;
  let last: Write | undefined;
  const look = (writes: Writes, but?: Writes): void => {
    for (const write of writes.values()) {
      const { key } = write;
      // Nearly every key fails here, within a few of its characters.
      if (!key.startsWith(prefix) || compareKeys(key, from, length) < 0 || compareKeys(key, to, length) >= 0) continue;
      if (but?.has(key) === true || (last !== undefined && order(write, last) > 0)) continue;
      found.push(write);
      if (!write.isDelete && ++values === 2 * (limit + 1)) shorten();
    }
  };
  const shorten = (): void => {
    const end = nth(
      found.filter(({ isDelete }) => !isDelete),
      limit,
      order,
    );
    found = found.filter((write) => order(write, end) <= 0);
    values = limit + 1;
    last = end;
  };
  look(newer);
  if (older !== undefined) look(older, newer);
  if (values > limit + 1) shorten();
  return new Map(found.map((write) => [write.key, write]));
}

/** What every key between the two begins with. */
function commonPrefix(from: string, to: string): string {
  let length = 0;
  while (length < from.length && from.charCodeAt(length) === to.charCodeAt(length)) length++;
  return from.slice(0, length);
}
