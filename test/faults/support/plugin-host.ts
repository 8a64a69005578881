import { DEFAULT_LOOP_WATCH, LoopWatch, SystemClock, SystemTimers } from '@ai-orchestrator/core';
import type { Log } from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { PluginsOnDisk } from './plugins-on-disk.js';

/**
 * A stand-in for the daemon, so that errors that nobody catches and a blocked loop are a process's own. `argv`: the plugins' files and,
 * for how long to run, milliseconds. Prints what it logged and what it came to as one line of JSON.
 */
const [files = '{}', lifeMs = '0'] = process.argv.slice(2);
const logged: unknown[] = [];
const log: Log = {
  ...silentLog,
  error: (fields, message) => void logged.push({ plugin: (fields as { plugin?: string }).plugin, message }),
  child: () => silentLog,
};
const plugins = await PluginsOnDisk.write(JSON.parse(files) as Record<string, string>);
const { booted, instruments } = await plugins.boot([], { restarts: 2, restartPeriodMs: 60_000 }, log);
for (const happening of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(happening, (error: unknown) => {
    if (booted.fault(error) === undefined) process.exit(70);
  });
}
const watch = new LoopWatch(new SystemClock(), new SystemTimers(), log, instruments, {
  ...DEFAULT_LOOP_WATCH,
  // Half of what is blocked for: a busy machine may hold the loop up for less.
  blockedMs: 1_000,
  lookMs: 50,
});
watch.start(booted);
await new Promise((resolve) => setTimeout(resolve, Number(lifeMs)));
const report = booted.report().map(({ id, state, reason }) => ({ id, state, reason }));
const counted = instruments
  .snapshot()
  .flatMap(({ name, samples }) =>
    samples.map(({ labels, ...sample }) => [name, ...labels, 'value' in sample ? sample.value : sample.sum]),
  );
await watch.close();
await booted.stop();
await plugins.remove();
process.stdout.write(`${JSON.stringify({ report, counted, logged, diary: plugins.diary })}\n`);
