import type { InstrumentSnapshot } from '@ai-orchestrator/core/plugin';
import { readdir, readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

/** What the operating system and Node say of this process; names as Prometheus' own client libraries have them. */
export async function processMetrics(): Promise<readonly InstrumentSnapshot[]> {
  const cpu = process.cpuUsage();
  const memory = process.memoryUsage();
  const loop = performance.eventLoopUtilization();
  const files = await openFiles();
  return [
    counter('process_cpu_seconds_total', 'User and system CPU time spent.', (cpu.user + cpu.system) / 1e6),
    gauge('process_start_time_seconds', 'Start time of the process, Unix time.', performance.timeOrigin / 1000),
    gauge('process_resident_memory_bytes', 'Resident memory.', memory.rss),
    ...(files === undefined
      ? []
      : [
          gauge('process_open_fds', 'Open file descriptors.', files.open),
          gauge('process_max_fds', 'Open file descriptors at most.', files.max),
        ]),
    gauge('nodejs_heap_used_bytes', 'Heap in use.', memory.heapUsed),
    gauge('nodejs_heap_size_bytes', 'Heap reserved.', memory.heapTotal),
    gauge('nodejs_external_memory_bytes', 'Memory of buffers and other objects outside the heap.', memory.external),
    counter('nodejs_event_loop_active_seconds_total', 'Time that the event loop worked.', loop.active / 1000),
    counter('nodejs_event_loop_idle_seconds_total', 'Time that the event loop waited.', loop.idle / 1000),
    {
      ...gauge('nodejs_version_info', 'Version of Node.', 1),
      labelNames: ['version'],
      samples: [{ labels: [process.version], value: 1 }],
    },
  ];
}

/** Linux only; elsewhere there is nothing to read. */
async function openFiles(): Promise<{ open: number; max: number } | undefined> {
  if (process.platform !== 'linux') return undefined;
  const [open, limits] = await Promise.all([readdir('/proc/self/fd'), readFile('/proc/self/limits', 'utf8')]);
  const max = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return { open: open.length, max: max === undefined || max === 'unlimited' ? Infinity : Number(max) };
}

function gauge(name: string, help: string, value: number) {
  return {
    type: 'gauge' as const,
    name,
    help,
    labelNames: [] as string[],
    samples: [{ labels: [] as string[], value }],
  };
}

function counter(name: string, help: string, value: number) {
  return { ...gauge(name, help, value), type: 'counter' as const };
}
