import type { Command } from 'commander';
import { defined } from './defined.js';
import type { Output } from './output.js';
import { integer } from './values.js';

/** Which part of a list. */
export interface PageOptions {
  readonly limit: number;
  readonly cursor?: string;
}

/** Adds the options of a list; they are {@link PageOptions}. */
export function pageOptions(command: Command, limit = 100, most = 1000): Command {
  return command
    .option('--limit <count>', 'how many at most', integer(1, most), limit)
    .option('--cursor <cursor>', 'go on where an earlier list ended');
}

/** The params of a page. */
export function pageOf({ limit, cursor }: PageOptions): { limit: number; cursor?: string } {
  return { limit, ...defined({ cursor }) };
}

/** Says how to go on, where there is more. */
export function noteMore({ cursor }: { readonly cursor?: string }, output: Output): void {
  if (cursor !== undefined) output.note(`There are more: --cursor ${cursor}`);
}
