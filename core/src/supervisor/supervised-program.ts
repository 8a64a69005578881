import type { Random, Timer } from '../host/time.js';
import type { Log } from '../host/log.js';
import { CapturedLines } from './captured-lines.js';
import { ProcessRun, type RunSurroundings } from './process-run.js';
import type { Program, ProgramSpec, ProgramState, ProgramStdio, ProgramView } from './supervisor.js';

/** What a supervised program needs. */
export interface ProgramSurroundings extends RunSurroundings {
  readonly random: Random;
  readonly log: Log;
}

/** A stack comes after the words that matter: V8 prints ten frames, and Node some lines before and after them. */
const TAIL_LINES = 30;
const TAIL_CHARACTERS = 3_000;

/** One program: started again by intensity with backoff, given up with a reason. Its changes happen one after the other. */
export class SupervisedProgram implements Program {
  readonly #lines: CapturedLines;
  readonly #listeners = new Set<(view: ProgramView) => void>();
  #view: ProgramView;
  #run: ProcessRun | undefined;
  #ends: number[] = [];
  #backoff: Timer | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly spec: ProgramSpec,
    private readonly surroundings: ProgramSurroundings,
    private readonly removed: () => void,
  ) {
    const { linesKept, bytesKept } = surroundings.options;
    this.#lines = new CapturedLines(linesKept, bytesKept);
    this.#view = { name: spec.name, state: 'starting', restarts: 0 };
    this.#later(() => this.#launch());
  }

  get stdio(): ProgramStdio | undefined {
    return this.#run?.stdio;
  }

  view(): ProgramView {
    return this.#view;
  }

  lines(count: number): ReturnType<Program['lines']> {
    return this.#lines.last(count);
  }

  keep(line: string, truncated: boolean): void {
    this.#lines.add({ at: this.surroundings.clock.now(), stream: 'stdout', line, truncated });
  }

  restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      this.#ends = [];
      const failure = await this.#launch();
      if (failure !== undefined) throw failure;
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      this.#become('stopped');
    });
  }

  fail(why: string): Promise<void> {
    const failing = this.#run;
    return this.#inTurn(async () => {
      // It may have ended by itself, or been started anew, in the meantime.
      if (failing === undefined || this.#run !== failing) return;
      await this.#end(0);
      this.#again(why);
    });
  }

  async remove(): Promise<void> {
    await this.stop();
    this.removed();
  }

  onChange(listener: (view: ProgramView) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #launch(): Promise<Error | undefined> {
    const { random, options, clock } = this.surroundings;
    this.#become('starting');
    this.#lines.begin();
    try {
      const mark = `${options.identity}.${random.uuid()}`;
      const run = await ProcessRun.launch(this.spec, mark, this.#lines, this.surroundings);
      this.#run = run;
      void run.exited.then((exit) => this.#later(() => this.#exited(run, exit)));
      this.#become('running', { pid: run.pid, startedAt: clock.now() });
      return undefined;
    } catch (error) {
      this.#again((error as Error).message);
      return error as Error;
    }
  }

  async #exited(run: ProcessRun, exit: string): Promise<void> {
    if (this.#run !== run) return;
    // Whatever it leaves behind would be in the way of the next run.
    await run.end(0);
    this.#run = undefined;
    this.#again(exit);
  }

  /** It ended without being asked to: try again after a while, unless that happened too often. */
  #again(exit: string): void {
    const { intensity, periodMs, backoffMs, maxBackoffMs } = this.spec.restart;
    const { clock, random, timers } = this.surroundings;
    const now = clock.monotonicMs();
    this.#ends = [...this.#ends.filter((at) => now - at < periodMs), now];
    if (this.#ends.length > intensity) {
      const tail = this.#lines.lastStderr(TAIL_LINES, TAIL_CHARACTERS);
      const said = tail === '' ? 'it wrote nothing to stderr' : `the end of its stderr:\n${tail}`;
      const reason = `ended ${this.#ends.length} times within ${periodMs} ms, last with ${exit}; fix it and restart it; ${said}`;
      this.#become('failed', { exit, reason });
      return;
    }
    const longest = Math.min(maxBackoffMs, backoffMs * 2 ** (this.#ends.length - 1));
    const words = this.#lines.stderrOfRun(TAIL_LINES, TAIL_CHARACTERS);
    const why = words === '' ? {} : { reason: `${exit}\nthe end of its stderr:\n${words}` };
    this.#become('backoff', { exit, restarts: this.#view.restarts + 1, ...why });
    this.#backoff = timers.after(longest * (0.5 + random.fraction() / 2), () => {
      this.#backoff = undefined;
      this.#later(async () => {
        if (this.#view.state === 'backoff') await this.#launch();
      });
    });
  }

  async #end(closeMs = this.spec.closeTimeoutMs ?? 0): Promise<void> {
    this.#backoff?.cancel();
    this.#backoff = undefined;
    const run = this.#run;
    if (run === undefined) return;
    this.#become('stopping', { pid: run.pid });
    this.#run = undefined;
    await run.end(this.spec.stopTimeoutMs, closeMs);
    this.#view = { ...this.#view, exit: await run.exited };
  }

  #become(state: ProgramState, more: Partial<ProgramView> = {}): void {
    const { name, restarts, exit } = this.#view;
    this.#view = { name, state, restarts, ...(exit === undefined ? {} : { exit }), ...more };
    for (const listener of this.#listeners) {
      try {
        listener(this.#view);
      } catch (error) {
        this.surroundings.log.error({ program: name, err: error }, 'a listener to a program failed');
      }
    }
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #later(change: () => Promise<unknown>): void {
    this.#inTurn(change).catch((error: unknown) => {
      this.surroundings.log.error({ program: this.spec.name, err: error }, 'supervising a program failed');
      this.#again((error as Error).message);
    });
  }
}
