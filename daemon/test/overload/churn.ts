import { constants, PerformanceObserver, type PerformanceEntry, type NodeGCPerformanceDetail } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { HeapGrowth, youngGenerationBytes } from '../../src/overload/heap-growth.js';

/*
 * Makes garbage for a while, much of which lives long enough to be promoted, and starts a thread meanwhile; tells how large the young
 * generation was at most, and how often everything was collected.
 * Argument: the limits as JSON, or none to leave V8 alone.
 */
const TURNS = 600;
const [limits] = process.argv.slice(2);
if (limits !== undefined) new HeapGrowth(JSON.parse(limits) as ConstructorParameters<typeof HeapGrowth>[0]);

const recent: Buffer[][] = [];
let youngBytes = 0;
let fullCollections = 0;
let turn = 0;
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries() as (PerformanceEntry & { detail: NodeGCPerformanceDetail })[]) {
    if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) fullCollections++;
  }
});
observer.observe({ entryTypes: ['gc'] });
const churning = setInterval(() => {
  recent.push(Array.from({ length: 1_000 }, () => Buffer.from(new Uint8Array(200))));
  if (recent.length > 50) recent.shift();
  youngBytes = Math.max(youngBytes, youngGenerationBytes());
  turn++;
  if (turn === TURNS / 2) new Worker('', { eval: true });
  if (turn < TURNS) return;
  clearInterval(churning);
  process.stdout.write(JSON.stringify({ youngBytes, fullCollections }));
}, 1);
