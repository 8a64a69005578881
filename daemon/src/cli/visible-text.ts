import { stripVTControlCharacters } from 'node:util';

/** How many columns a text with colours takes. */
export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A line with colours, cut with an ellipsis where it takes more columns than there are. */
export function fitted(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  let left = width - 1;
  let cut = '';
  // Colours take no room and are all kept, so that each that begins also ends.
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) {
      cut += part;
      continue;
    }
    if (left >= 0) cut += part.length <= left ? part : `${part.slice(0, left)}…`;
    left = part.length <= left ? left - part.length : -1;
  }
  return cut;
}
