import { printable } from './printable.js';
import type { Style } from './style.js';

/** Names and values, one pair a line, the values aligned. Pairs without a value are left out. */
export function pairs(entries: readonly (readonly [name: string, value: string | undefined])[], style: Style): string {
  const present = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const widest = Math.max(0, ...present.map(([name]) => name.length));
  return present
    .map(
      ([name, value]) =>
        `${style.dim(name.padEnd(widest))}  ${printable(value).replaceAll('\n', `\n${' '.repeat(widest + 2)}`)}`,
    )
    .join('\n');
}
