import { Worker } from 'node:worker_threads';
import { inject, injectable } from 'tsyringe';
import { type Counter, Instruments, type Labeled } from '../host/instruments.js';
import { Log } from '../host/log.js';
import { Clock, type Timer, Timers } from '../host/time.js';
import type { Booted } from './booted.js';
import { token } from './token.js';

/** How {@link LoopWatch} watches; all milliseconds. */
export interface LoopWatchOptions {
  /** A loop that stood still this long is blocked, and whoever blocks it is named. */
  readonly blockedMs: number;
  /** Between two looks. */
  readonly lookMs: number;
  /** Before another watch is started in place of one that ended, as for want of file descriptors. */
  readonly restartMs: number;
}
/** Token of {@link LoopWatchOptions}. */
export const LoopWatchOptions = token<LoopWatchOptions>('loop-watch-options');

/** {@link LoopWatchOptions} unless configured. */
export const DEFAULT_LOOP_WATCH: LoopWatchOptions = { blockedMs: 1_000, lookMs: 250, restartMs: 10_000 };

/** What the watching thread is given. */
export interface LoopWatchData extends LoopWatchOptions {
  /** Where the main thread counts its turns. */
  readonly beats: SharedArrayBuffer;
}

/** Where the main thread was while it was blocked, innermost first. */
export type BlockedStack = readonly { readonly name: string; readonly file: string; readonly line: number }[];

const DAEMON_ITSELF = 'daemon';

/**
 * Names the plugin that blocks the event loop. A thread of its own takes the main thread's stack, and only while the loop stands still,
 * so that calls pay nothing for it.
 */
@injectable()
export class LoopWatch {
  readonly #blocked: Labeled<Counter>;
  #worker: Worker | undefined;
  #beating: Timer | undefined;
  #restarting: Timer | undefined;

  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Log) private readonly log: Log,
    @inject(Instruments) instruments: Instruments,
    @inject(LoopWatchOptions) private readonly options: LoopWatchOptions,
  ) {
    this.#blocked = instruments.counter(
      'orchestrator_event_loop_blocked_total',
      'Times that the event loop stood still, by the plugin that ran.',
      ['plugin'],
    );
  }

  /** Begins to watch; what blocks the loop from now on is logged, counted, and made the status of its plugin. */
  start(plugins: Pick<Booted, 'ownerOf' | 'blame'>): void {
    const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const beat = new Int32Array(beats);
    let lastBeat = this.clock.monotonicMs();
    let longest = 0;
    this.#beating = this.timers.every(this.options.lookMs, () => {
      const now = this.clock.monotonicMs();
      longest = now - lastBeat;
      lastBeat = now;
      Atomics.add(beat, 0, 1);
    });
    this.#watch(beats, (stack) => {
      // Whichever comes first after a standstill: the beat that was late, or this message.
      this.#name(stack, Math.round(Math.max(longest, this.clock.monotonicMs() - lastBeat)), plugins);
    });
  }

  /** Ends the watching. */
  async close(): Promise<void> {
    this.#beating?.cancel();
    this.#restarting?.cancel();
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #watch(beats: SharedArrayBuffer, seen: (stack: BlockedStack) => void): void {
    const worker = new Worker(new URL('loop-watch-worker.js', import.meta.url), {
      workerData: { ...this.options, beats } satisfies LoopWatchData,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
      env: {},
      execArgv: [],
    });
    worker.unref();
    worker.on('message', seen);
    worker.on('error', (error) => {
      const { restartMs } = this.options;
      this.log.error({ err: error, restartMs }, 'the watch over the event loop ended, and is started again');
      this.#restarting = this.timers.after(restartMs, () => {
        this.#watch(beats, seen);
      });
    });
    this.#worker = worker;
  }

  #name(stack: BlockedStack, ms: number, plugins: Pick<Booted, 'ownerOf' | 'blame'>): void {
    const of = stack.find(({ file }) => plugins.ownerOf(file) !== undefined);
    const where = of ?? stack.find(({ file }) => file.startsWith('file:')) ?? stack[0];
    const plugin = of === undefined ? undefined : plugins.ownerOf(of.file);
    const place = where === undefined ? 'unknown' : `${where.name || '(anonymous)'} (${where.file}:${where.line})`;
    this.#blocked.with(plugin ?? DAEMON_ITSELF).add();
    const advice = 'yield in long loops (setImmediate), or move the work to a worker thread';
    this.log.error({ plugin: plugin ?? DAEMON_ITSELF, blockedMs: ms, place }, `the event loop was blocked: ${advice}`);
    if (plugin !== undefined) plugins.blame(plugin, `blocked the event loop for ${ms} ms in ${place}: ${advice}`);
  }
}
