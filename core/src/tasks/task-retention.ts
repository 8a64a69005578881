import type { Timers } from '../host/time.js';
import { linkKeys } from '../timeline/timeline-keys.js';
import { linksOf } from './task.js';
import type { Task } from './task.js';
import type { TaskBoard } from './task-board.js';
import type { TaskCancellation } from './task-cancellation.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';

const PAGE = 100;

/** Forgets tasks some time after their end. */
export class TaskRetention {
  #sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly board: TaskBoard,
    private readonly cancellation: TaskCancellation,
    private readonly timers: Timers,
  ) {}

  start(onSweepError: (error: unknown) => void): () => Promise<void> {
    const timer = this.timers.every(this.board.limits.forgetMs, () => {
      this.#sweeping = this.#sweeping
        .then(() => this.cancellation.resume())
        .then(() => this.sweep())
        .catch(onSweepError);
    });
    return async () => {
      timer.cancel();
      await this.#sweeping;
    };
  }

  /** Looks at the oldest tasks only: ids rise with time, and no task ends before it begins. */
  async sweep(): Promise<void> {
    const before = this.board.clock.now() - this.board.limits.keepMs;
    for (let from: string | undefined = TASK_KEYS.records; from !== undefined;) {
      const page = await this.board.store.range({ from, to: keysEnd(TASK_KEYS.records), limit: PAGE });
      for (const { value } of page.entries) {
        const task = value as unknown as Task;
        if (task.createdAt > before) return;
        if (task.endedAt !== undefined && task.endedAt <= before) await this.#forget(task);
      }
      from = page.next;
    }
  }

  /** The record goes last, so that what a stop leaves over is found again. */
  async #forget(task: Task): Promise<void> {
    const { taskId, contextId, parentTaskId } = task;
    const { store } = this.board;
    for (const prefix of TASK_KEYS.contents(taskId)) {
      for (;;) {
        const { entries } = await store.range({ from: prefix, to: keysEnd(prefix), limit: PAGE });
        if (entries.length === 0) break;
        await store.commit({ deletes: entries.map(({ key }) => key) });
      }
    }
    await store.commit({
      deletes: [
        TASK_KEYS.record(taskId),
        TASK_KEYS.input(taskId),
        TASK_KEYS.output(taskId),
        TASK_KEYS.dead + taskId,
        ...linkKeys(linksOf(task)),
        ...(contextId === undefined ? [] : [TASK_KEYS.ofContext(contextId) + taskId]),
        ...(parentTaskId === undefined ? [] : [TASK_KEYS.children(parentTaskId) + taskId]),
      ],
    });
  }
}
