import type { Timers } from '../host/time.js';
import type { Assigner } from './assigner.js';
import { HeldTask } from './held-tasks.js';
import { isHeld } from './life-cycle.js';
import { deadlineOf, limitsOf } from './task.js';
import type { TaskError } from './task.js';
import type { TaskBoard } from './task-board.js';
import { ATTEMPT_ERRORS } from './task-errors.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';
import type { TaskOutcomes } from './task-outcomes.js';

const PAGE = 1000;
const AT_ONCE = 256;

/** Watches over the tasks that workers have: their leases and time limits, and what happens to them over a restart. */
export class TaskLeases {
  #sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly board: TaskBoard,
    private readonly assigner: Assigner,
    private readonly outcomes: TaskOutcomes,
    private readonly timers: Timers,
  ) {}

  /**
   * Takes up what workers had when the daemon stopped without a word: they have the time of their lease to be heard of. Answers how to
   * stop.
   */
  async start(onSweepError: (error: unknown) => void): Promise<() => Promise<void>> {
    const prefix = TASK_KEYS.held;
    for (let from: string | undefined = prefix; from !== undefined;) {
      const page = await this.board.store.range({ from, to: keysEnd(prefix), limit: PAGE });
      for (const { key } of page.entries) {
        const stored = await this.board.find(key.slice(prefix.length));
        const agentId = stored?.task.agent;
        if (stored === undefined || agentId === undefined || !isHeld(stored.task.state)) continue;
        const held = new HeldTask(agentId, stored);
        held.start(this.board.clock, this.assigner.leaseMs(stored.task), deadlineOf(stored.task, this.board.limits));
        this.board.held.add(held, undefined);
      }
      from = page.next;
    }
    const timer = this.timers.every(this.board.limits.sweepMs, () => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch(onSweepError);
    });
    return async () => {
      timer.cancel();
      await this.#sweeping;
    };
  }

  /** A worker's connection ended: it has the grace to come back. */
  lost(held: HeldTask): void {
    held.leaseUntil = Math.min(held.leaseUntil, this.board.clock.monotonicMs() + this.board.limits.graceMs);
  }

  /**
   * Ends attempts whose lease or time is over, and has those who came to have room take what waits.
   *
   * @throws AggregateError of what could not be ended, which the next sweep tries again
   */
  async sweep(): Promise<void> {
    const due = this.board.held.all().flatMap((held) => {
      const error = this.#overdue(held);
      return error === undefined ? [] : [{ held, error }];
    });
    const failures = await eachOf(due, ({ held }) => this.#end(held));
    this.assigner.pumpAll();
    if (failures.length > 0) throw new AggregateError(failures, 'attempts that are over could not be ended');
  }

  /** No more tasks are assigned; answers how many are with workers that can still be heard. */
  drain(): () => number {
    this.assigner.stop();
    return () => this.board.held.all().filter(({ session }) => session !== undefined).length;
  }

  /**
   * Gives every task back, because the daemon stops: they go on after the restart.
   *
   * @throws AggregateError of what could not be given back, after all the others were
   */
  async returnAll(reason: string): Promise<void> {
    this.assigner.stop();
    const failures = await eachOf(this.board.held.all(), (held) =>
      // Its budget is left alone, and with it the task that it belongs to, which may have more sub-tasks than may wait for it.
      this.#inQueue(held, [held.task.taskId], async () => {
        const stop = held.stopper();
        await this.outcomes.interrupt(held, reason);
        stop(reason);
      }),
    );
    if (failures.length > 0) throw new AggregateError(failures, 'tasks could not be given back');
  }

  async #end(held: HeldTask): Promise<void> {
    await this.#inQueue(held, [held.task.taskId, held.task.budgetOf], async () => {
      const error = this.#overdue(held);
      if (error === undefined) return;
      const suspect = error === ATTEMPT_ERRORS.workerLost || error === ATTEMPT_ERRORS.leaseExpired;
      const stop = held.stopper();
      await this.outcomes.fail(held, error, this.outcomes.own, suspect);
      stop(error.message);
    });
  }

  async #inQueue(held: HeldTask, taskIds: readonly (string | undefined)[], run: () => Promise<void>): Promise<void> {
    await this.board.run(taskIds, async () => {
      if (this.board.held.get(held.task.taskId) === held) await run();
    });
  }

  #overdue(held: HeldTask): TaskError | undefined {
    const { task, session } = held;
    const monotonic = this.board.clock.monotonicMs();
    if (monotonic >= held.totalUntil) return ATTEMPT_ERRORS.totalTooLong;
    const { runningMs, heartbeatMs } = limitsOf(task, this.board.limits);
    if (held.ranMs(monotonic) > runningMs) return ATTEMPT_ERRORS.tookTooLong;
    if (monotonic <= held.leaseUntil) return undefined;
    if (session === undefined) return ATTEMPT_ERRORS.workerLost;
    if (heartbeatMs !== undefined) return ATTEMPT_ERRORS.leaseExpired;
    // Connections that answer no ping are closed: an open one is a sign of life.
    held.leaseUntil = monotonic + this.assigner.leaseMs(task);
    return undefined;
  }
}

/** Does something with each, some at once; answers what failed, which keeps nothing from being done with the others. */
async function eachOf<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (let i = 0; i < all.length; i += AT_ONCE) {
    const results = await Promise.allSettled(all.slice(i, i + AT_ONCE).map(run));
    for (const result of results) if (result.status === 'rejected') failures.push(result.reason);
  }
  return failures;
}
