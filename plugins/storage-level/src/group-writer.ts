import type { CommitResult } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Admitted } from './admit.js';
import type { LevelLimits } from './limits.js';
import { nextTurn } from './next-turn.js';

interface Waiting {
  readonly commit: Admitted;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes one group; answers what each commit of it came to, once that is durable. */
export type WriteGroup = (commits: readonly Admitted[]) => Promise<readonly CommitResult[]>;

/** The one writer: commits that arrive while a group is being written make up the next one. */
export class GroupWriter {
  readonly #limits: LevelLimits;
  readonly #write: WriteGroup;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #between: (() => Promise<void>)[] = [];

  constructor(limits: LevelLimits, write: WriteGroup) {
    this.#limits = limits;
    this.#write = write;
  }

  /** Commits that wait for their group. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** @throws OrchestratorError `limit_exceeded` when too many wait; else as {@link WriteGroup} */
  submit(commit: Admitted): Promise<CommitResult> {
    this.#admit('maxWaitingCommits', this.#queue.length + 1);
    if (this.#queue.length > 0) this.#admit('maxWaitingBytes', this.#waitingBytes + commit.bytes);
    this.#waitingBytes += commit.bytes;
    return new Promise((resolve, reject) => {
      this.#queue.push({ commit, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Refuses all that waits. */
  refuse(error: OrchestratorError): void {
    const refused = this.#queue;
    this.#queue = [];
    this.#waitingBytes = 0;
    for (const { reject } of refused) reject(error);
  }

  /** Runs something while no group is being written. */
  async between<T>(run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#between.push(() => run().then(resolve, reject));
      this.#running ??= this.#run();
    });
  }

  /** Resolves once nothing waits and nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // After the sockets that are ready in this turn were read, so that their commits share the first group.
    await nextTurn();
    while (this.#queue.length > 0 || this.#between.length > 0) {
      for (const run of this.#between.splice(0)) await run();
      if (this.#queue.length === 0) continue;
      const group = this.#take();
      try {
        const results = await this.#write(group.map(({ commit }) => commit));
        for (const [i, result] of results.entries()) group[i]?.resolve(result);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = undefined;
  }

  #take(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const { commit } of this.#queue) {
      if (count === this.#limits.maxGroupCommits || (count > 0 && bytes + commit.bytes > this.#limits.maxGroupBytes))
        break;
      count++;
      bytes += commit.bytes;
    }
    this.#waitingBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  #admit(limit: 'maxWaitingCommits' | 'maxWaitingBytes', wanted: number): void {
    if (wanted <= this.#limits[limit]) return;
    throw new OrchestratorError(
      'limit_exceeded',
      `too many commits wait for the disk (${limit}); try again in a moment`,
      {
        limit,
        value: this.#limits[limit],
      },
    );
  }
}
