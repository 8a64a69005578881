import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock, Timers } from '../host/time.js';
import type { CapturedLines } from './captured-lines.js';
import { LineReader } from './line-reader.js';
import { isGroupAlive, killMarked, RUN_VARIABLE, signalGroup } from './process-table.js';
import type { Sentinel } from './sentinel.js';
import type { SupervisorOptions } from './supervisor-options.js';
import type { ProgramSpec, ProgramStdio } from './supervisor.js';

/** What a run needs. */
export interface RunSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly sentinel: Sentinel;
  readonly options: SupervisorOptions;
}

/**
 * Waits at the gate until the sentinel watches the process, then becomes the program: a daemon that dies in between leaves a gate that
 * reads the end of its pipe. The shell reads none of the program's words; they reach exec as they are.
 */
const GATE = 'read -r go <&3 && [ "$go" = go ] || exit 125; exec 3<&-; exec "$@"';
const PASSED_ON = ['PATH', 'LANG', 'TZ', 'HOME'] as const;
const SLOWEST_POLL_MS = 100;
const SWEEPS = 50;

/** One run of a program: a process group of its own, from the gate until all of it is gone. */
export class ProcessRun {
  /** How its first process ended: "code 1", "signal SIGKILL", "a kill: ..." when it was past a limit. */
  readonly exited: Promise<string>;
  /** For an owner that talks to it. */
  readonly stdio: ProgramStdio | undefined;
  readonly #readers: readonly LineReader[];
  #gone: Promise<void> | undefined;
  /** Why the supervisor killed it. */
  #killed: string | undefined;

  private constructor(
    readonly pid: number,
    child: ChildProcess,
    private readonly mark: string,
    spec: ProgramSpec,
    lines: CapturedLines,
    private readonly surroundings: RunSurroundings,
  ) {
    const { clock, timers, options } = surroundings;
    const [stdin, stdout, stderr] = child.stdio as unknown as [Writable | null, Readable, Readable];
    const read = (stream: 'stdout' | 'stderr', from: Readable): LineReader =>
      new LineReader(from, options, timers, {
        line: (line, truncated) => lines.add({ at: clock.now(), stream, line, truncated }),
        runaway: (why) => this.#kill(`${why} (${stream})`),
      });
    this.#readers = [...(spec.stdio === 'lines' ? [read('stdout', stdout)] : []), read('stderr', stderr)];
    this.stdio = spec.stdio === 'pipe' && stdin !== null ? { stdin, stdout } : undefined;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(this.#killed ?? (signal === null ? `code ${code ?? '?'}` : `signal ${signal}`)),
      );
    });
  }

  /**
   * Starts a program; resolves when it runs and dies with the daemon.
   *
   * @param mark unique to this run; begins with the daemon's identity
   * @throws Error when there can be no such process now
   */
  static async launch(
    spec: ProgramSpec,
    mark: string,
    lines: CapturedLines,
    surroundings: RunSurroundings,
  ): Promise<ProcessRun> {
    await surroundings.sentinel.ready();
    const child = spawn('/bin/sh', ['-c', GATE, 'gate', spec.command, ...spec.args], {
      cwd: spec.workingDirectory ?? '/',
      env: { ...cleanEnvironment(), ...spec.env, [RUN_VARIABLE]: mark },
      detached: true,
      stdio: [spec.stdio === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) {
      const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw new Error(`cannot start "${spec.command}" in "${spec.workingDirectory ?? '/'}": ${cause.message}`, {
        cause,
      });
    }
    const run = new ProcessRun(child.pid, child, mark, spec, lines, surroundings);
    const gate = child.stdio[3] as Writable;
    // A program that was killed at the gate is seen by its exit.
    gate.on('error', () => gate.destroy());
    try {
      await surroundings.sentinel.watch(child.pid);
    } catch (error) {
      gate.destroy();
      await run.end(0);
      throw error;
    }
    gate.end('go\n');
    return run;
  }

  /**
   * TERM to the whole group, KILL after the limit; also to what left the group but carries the mark. Resolves when all of it is gone.
   *
   * @param graceMs from TERM to KILL; 0 kills at once
   * @param closeMs from the end of its stdin, which comes first, to TERM; 0 leaves that out
   */
  end(graceMs: number, closeMs = 0): Promise<void> {
    this.#gone ??= this.#end(graceMs, closeMs);
    return this.#gone;
  }

  /** Ends it for what it did; its owner sees that as its exit. */
  #kill(why: string): void {
    // Who is being ended already is not blamed for its last words.
    if (this.#gone !== undefined) return;
    this.#killed = `a kill: ${why}`;
    signalGroup(this.pid, 'SIGKILL');
  }

  /** Most programs that are talked to end by themselves when nobody talks to them any more. */
  async #close(stdin: Writable, closeMs: number): Promise<void> {
    const { clock, timers } = this.surroundings;
    const deadline = clock.monotonicMs() + closeMs;
    stdin.end();
    for (let pause = 5; await isGroupAlive(this.pid); pause = Math.min(pause * 2, SLOWEST_POLL_MS)) {
      const left = deadline - clock.monotonicMs();
      if (left <= 0) return;
      await new Promise<void>((resolve) => timers.after(Math.min(pause, left), resolve));
    }
  }

  async #end(graceMs: number, closeMs: number): Promise<void> {
    const { clock, timers, sentinel, options } = this.surroundings;
    if (closeMs > 0 && this.stdio !== undefined) await this.#close(this.stdio.stdin, closeMs);
    const deadline = clock.monotonicMs() + graceMs;
    let killing = graceMs <= 0;
    signalGroup(this.pid, killing ? 'SIGKILL' : 'SIGTERM');
    for (let pause = 5; await isGroupAlive(this.pid); pause = Math.min(pause * 2, SLOWEST_POLL_MS)) {
      if (!killing && clock.monotonicMs() >= deadline) killing = true;
      // Again each time: a process that was forked while the signal went round has not seen it.
      if (killing) signalGroup(this.pid, 'SIGKILL');
      await new Promise<void>((resolve) =>
        timers.after(killing ? pause : Math.min(pause, deadline - clock.monotonicMs()), resolve),
      );
    }
    for (let sweep = 0; sweep < SWEEPS && (await killMarked(this.mark)); sweep += 1) {
      await new Promise<void>((resolve) => timers.after(SLOWEST_POLL_MS / 10, resolve));
    }
    await this.exited;
    await Promise.all(this.#readers.map((reader) => reader.finish(options.lastOutputMs)));
    this.stdio?.stdin.destroy();
    this.stdio?.stdout.destroy();
    sentinel.forget(this.pid);
  }
}

function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
