import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./store-child.js', import.meta.url));
const PATIENCE_MS = 60_000;

/** What a {@link StoreProcess} is told to do. */
export interface ChildOptions {
  readonly path: string;
  /** Prefix of its keys, so that no two processes write the same. */
  readonly run: string;
  readonly producers?: number;
  /** Commits of each producer; without end unless said. */
  readonly commits?: number;
  /** Commits of each producer after which it stands still, until it is killed. */
  readonly stopAfter?: number;
  readonly bytes?: number;
  readonly migrate?: boolean;
  /** A text that it writes, deletes again and purges before it commits. */
  readonly purged?: string;
  /** The step to stand still in. */
  readonly stopAt?: string;
}

/** A process with a store in it that can be killed, and what it said until then. */
export class StoreProcess {
  /** Keys that were acknowledged, with their revisions. */
  readonly acked = new Map<string, number>();
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #ended = false;

  /** @param wrapper a program that runs the process, for example `fiu-run` with its arguments */
  constructor(options: ChildOptions, wrapper: readonly string[] = []) {
    const [command, ...args] = [...wrapper, process.execPath, SCRIPT, JSON.stringify(options)];
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    this.#exited = Promise.race([once(this.#child, 'close'), once(this.#child, 'error')]);
    this.#exited.then(
      () => this.#end(),
      () => this.#end(),
    );
    if (this.#child.stdout === null) throw new Error('no pipe');
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  /** Resolves once `reached` holds; fails when the process ends before. */
  async until(what: string, reached: (process: this) => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!reached(this)) {
      if (this.#ended)
        throw new Error(`the store process ended before ${what}; it said: ${this.lines.slice(-5).join(' | ')}`);
      if (Date.now() > deadline)
        throw new Error(`no ${what} within ${PATIENCE_MS} ms; it said: ${this.lines.slice(-5).join(' | ')}`);
      await this.#news();
    }
  }

  /** The first line that begins like this. */
  async line(start: string): Promise<string> {
    await this.until(`"${start}"`, ({ lines }) => lines.some((line) => line.startsWith(start)));
    return this.lines.find((line) => line.startsWith(start)) ?? '';
  }

  /** Kills it, and all that it was wrapped in, at once; resolves when it is gone and all that it said was read. */
  async kill(): Promise<void> {
    if (this.#child.pid !== undefined && !this.#ended) {
      try {
        process.kill(-this.#child.pid, 'SIGKILL');
      } catch (error) {
        // It ended by itself a moment ago, for example because its disk was gone.
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    }
    await this.#exited;
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }

  #take(line: string): void {
    const [word, key, revision] = line.split(' ');
    if (word === 'ack' && key !== undefined) this.acked.set(key, Number(revision));
    else this.lines.push(line);
    for (const wake of [...this.#waiting]) wake();
  }

  #end(): void {
    this.#ended = true;
    for (const wake of [...this.#waiting]) wake();
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, 1000);
      const waiting = this.#waiting;
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
  }
}
