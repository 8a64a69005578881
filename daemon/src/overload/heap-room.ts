import { getHeapStatistics } from 'node:v8';
import type { HeapUse } from './heap-watch.js';

const MIB = 1024 * 1024;
/** V8's own default of --max-semi-space-size; 64 MiB from the V8 of Node 24 on. */
const SEMI_SPACE_MIB = Number.parseInt(process.versions.v8, 10) >= 13 ? 64 : 16;
/** V8's limit counts so many semi-spaces, which nothing that lives long can use. */
const SEMI_SPACES = 3;

/**
 * How full the heap is, against what lives long in it can fill. V8's limit also counts the young generation: measured against that, a
 * heap of 256 MiB would end by V8's hand at 84 %.
 *
 * @param flags of node and of NODE_OPTIONS
 */
export function heapUse(flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')): HeapUse {
  const { used_heap_size: usedBytes, heap_size_limit: limit } = getHeapStatistics();
  const said = /--max[-_]old[-_]space[-_]size[= ](\d+)/.exec(flags)?.[1];
  if (said !== undefined) return { usedBytes, limitBytes: Math.min(Number(said) * MIB, limit) };
  const semiSpace = Number(/--max[-_]semi[-_]space[-_]size[= ](\d+)/.exec(flags)?.[1] ?? SEMI_SPACE_MIB) * MIB;
  const young = SEMI_SPACES * semiSpace;
  return { usedBytes, limitBytes: limit > 2 * young ? limit - young : limit / 2 };
}
