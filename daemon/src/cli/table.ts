import Table from 'cli-table3';
import { printable } from './printable.js';
import type { Style } from './style.js';
import { visibleLength } from './visible-text.js';

/** One column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The column gives way when the terminal is too narrow, the last one first. */
  readonly flexible?: boolean;
}

/** How wide a flexible column stays at least, in characters. */
const NARROWEST = 12;
const GAP = 2;

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** Where a table is shown. */
export interface Surface {
  readonly style: Style;
  /** Columns of the terminal; undefined writes everything out. */
  readonly width: number | undefined;
}

/** Rows under titles, aligned, without borders; a flexible column in which nothing stands is left out. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { style, width }: Surface,
): string {
  const used = columns.map((column, i) => column.flexible !== true || rows.some((row) => row[i] !== ''));
  if (used.includes(false)) {
    const kept = <T>(cells: readonly T[]) => cells.filter((_, i) => used[i]);
    return table(kept(columns), rows.map(kept), { style, width });
  }
  const widths = columnWidths(columns, rows, width);
  const layout = new Table({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
    colWidths: widths.map((w) => w + GAP),
    colAligns: columns.map((column) => column.align ?? 'left'),
  });
  layout.push(columns.map((column) => style.dim(column.title.toUpperCase())));
  for (const row of rows) layout.push(row.map(printable));
  return trimmed(layout.toString());
}

function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[], width: number | undefined) {
  const natural = columns.map((column, i) =>
    Math.max(column.title.length, ...rows.map((row) => visibleLength(row[i] ?? ''))),
  );
  let over = natural.reduce((sum, w) => sum + w + GAP, -GAP) - (width ?? Infinity);
  for (const [i, { flexible }] of [...columns.entries()].reverse()) {
    const least = Math.min(NARROWEST, natural[i] ?? 0);
    if (flexible !== true || over <= 0) continue;
    const narrower = Math.max(least, (natural[i] ?? 0) - over);
    over -= (natural[i] ?? 0) - narrower;
    natural[i] = narrower;
  }
  return natural;
}

function trimmed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+$/, ''))
    .join('\n');
}
