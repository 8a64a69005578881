import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Log } from '../host/log.js';
import type { Timers } from '../host/time.js';
import { withinLimit } from '../plugin/time-limit.js';
import { RUN_VARIABLE } from './process-table.js';
import type { SupervisorOptions } from './supervisor-options.js';

/**
 * Outlives the daemon by a moment: when its standard input ends, however the daemon died, it kills every process group that it was
 * told of, then whatever carries the daemon's mark in its environment. A shell of a megabyte, in a session of its own so that the
 * terminal's and the service manager's signals pass it by. PIPE is ignored because its reader may be dead when it confirms.
 */
const SCRIPT = `
trap '' HUP INT TERM PIPE QUIT
mark="${RUN_VARIABLE}=$1."
sweep() {
  round=0
  while [ "$round" -lt 50 ]; do
    found=
    for file in $(grep -lasF "$mark" /proc/[0-9]*/environ 2>/dev/null); do
      pid=\${file#/proc/}
      kill -KILL "\${pid%/environ}" 2>/dev/null && found=1
    done
    [ -z "$found" ] && return
    round=$((round + 1))
  done
}
[ "$2" = sweep ] && sweep
echo ready
groups=' '
while read -r verb group; do
  case $verb in
    watch) groups="$groups$group "; echo "$group" 2>/dev/null ;;
    forget) kept=' '; for one in $groups; do [ "$one" = "$group" ] || kept="$kept$one "; done; groups=$kept ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
sweep
`;

/** The process that kills the daemon's programs when the daemon is gone, even by kill -9. Started with the first program. */
export class Sentinel {
  readonly #groups = new Set<number>();
  readonly #unconfirmed = new Map<number, () => void>();
  #process: ChildProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #swept = false;

  constructor(
    private readonly options: SupervisorOptions,
    private readonly timers: Timers,
    private readonly log: Log,
  ) {}

  /**
   * Resolves when there is a sentinel and leftovers of an earlier daemon are gone. What is started before that is taken for one.
   *
   * @throws TimeLimitError when the sentinel does not say so in time
   */
  async ready(): Promise<void> {
    if (this.#process === undefined) this.#start();
    await withinLimit(() => this.#ready, this.options.sentinelTimeoutMs, this.timers);
  }

  /**
   * Resolves when the group dies with the daemon from now on.
   *
   * @throws TimeLimitError when the sentinel does not confirm in time
   */
  async watch(group: number): Promise<void> {
    this.#groups.add(group);
    const confirmed = new Promise<void>((resolve) => this.#unconfirmed.set(group, resolve));
    // Where it has just ended, its successor is told of all groups when it starts.
    if (this.#process === undefined) this.#start();
    else this.#say(`watch ${group}`);
    try {
      await withinLimit(() => confirmed, this.options.sentinelTimeoutMs, this.timers);
    } finally {
      this.#unconfirmed.delete(group);
    }
  }

  /** The group is gone. */
  forget(group: number): void {
    if (this.#groups.delete(group)) this.#say(`forget ${group}`);
  }

  /** Ends the sentinel; groups that it still watches die. The next `watch` starts another. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    this.#groups.clear();
    const ended = once(child, 'exit');
    child.ref();
    child.stdin?.end();
    await ended;
  }

  #start(): void {
    // Only the first looks for leftovers of an earlier daemon: later ones would find what this daemon runs.
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'sentinel', this.options.identity, this.#swept ? 'keep' : 'sweep'], {
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.once('error', (error) => this.log.error({ err: error }, 'the sentinel of the programs cannot be started'));
    if (child.pid === undefined) return;
    this.#swept = true;
    this.#process = child;
    child.unref();
    const said = createInterface({ input: child.stdout });
    this.#ready = new Promise((resolve) => said.once('line', () => resolve()));
    said.on('line', (group) => this.#unconfirmed.get(Number(group))?.());
    for (const stream of [child.stdin, child.stdout]) {
      (stream as { unref?: () => void }).unref?.();
      // Its end is seen as 'exit'; a write that comes in between must not end the daemon.
      stream.on('error', (error) => this.log.debug({ err: error }, 'the sentinel is not listening'));
    }
    child.once('exit', () => this.#lost(child));
    for (const group of this.#groups) this.#say(`watch ${group}`);
  }

  #lost(child: ChildProcess): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    this.log.warn({ programs: this.#groups.size }, 'the sentinel of the programs ended; another takes its place');
    if (this.#groups.size > 0) this.#start();
  }

  #say(what: string): void {
    this.#process?.stdin?.write(`${what}\n`);
  }
}
