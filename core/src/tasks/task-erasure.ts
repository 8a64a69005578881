import type { ErasedItems, ErasureSource } from '../contexts/contexts.js';
import { isFinal } from './life-cycle.js';
import type { Task } from './task.js';
import type { TaskBoard } from './task-board.js';
import type { TaskCancellation } from './task-cancellation.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';
import type { WaitingTasks } from './waiting-tasks.js';

const PAGE = 100;
/** Chunks of artifacts are large. */
const CONTENT_PAGE = 8;

/** Erases the tasks of a context: what goes on is canceled, and of each only that it was is left. */
export class TaskErasure implements ErasureSource {
  readonly kind = 'task';

  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly cancellation: TaskCancellation,
  ) {}

  async erase(contextId: string): Promise<ErasedItems> {
    const prefix = TASK_KEYS.ofContext(contextId);
    let items = 0;
    let bytes = 0;
    for (let from: string | undefined = prefix; from !== undefined;) {
      const page = await this.board.store.range({ from, to: keysEnd(prefix), limit: PAGE });
      for (const { key } of page.entries) {
        const erased = await this.#erase(key.slice(prefix.length));
        if (erased === undefined) continue;
        items++;
        bytes += erased;
      }
      from = page.next;
    }
    return { items, bytes };
  }

  /** Answers the bytes of its content; undefined when there is nothing left to erase. */
  async #erase(taskId: string): Promise<number | undefined> {
    await this.cancellation.end(taskId, 'its context was erased');
    return this.board.run([taskId], async () => {
      const stored = await this.board.find(taskId);
      if (stored === undefined || stored.task.erased === true) return undefined;
      if (!isFinal(stored.task.state)) throw new Error(`task ${taskId} goes on although it was canceled`);
      const bytes = await this.#deleteContent(taskId);
      // Last, so that an erasure that was cut off is not taken for done.
      const commit = this.board.begin();
      commit.change(stored).replace(bare(stored.task));
      await this.board.commit(this.waiting, commit);
      return bytes + JSON.stringify(stored.task).length;
    });
  }

  async #deleteContent(taskId: string): Promise<number> {
    const { store } = this.board;
    let bytes = 0;
    for (const prefix of TASK_KEYS.contents(taskId)) {
      for (;;) {
        const { entries } = await store.range({ from: prefix, to: keysEnd(prefix), limit: CONTENT_PAGE });
        if (entries.length === 0) break;
        for (const { value } of entries) bytes += JSON.stringify(value).length;
        await store.commit({ deletes: entries.map(({ key }) => key) });
      }
    }
    const single = [TASK_KEYS.input(taskId), TASK_KEYS.output(taskId), TASK_KEYS.dead + taskId];
    for (const found of await store.getTexts(single)) bytes += found?.text.length ?? 0;
    await store.commit({ deletes: single });
    return bytes;
  }
}

const WRITTEN = new Set<string>([
  'title',
  'labels',
  'correlationId',
  'progress',
  'message',
  'reason',
  'inputs',
  'answered',
] satisfies (keyof Task)[]);

/** A task without anything that somebody wrote: what is left says that it was, whose, when and how it ended. */
function bare(task: Task): Task {
  const left = Object.fromEntries(Object.entries(task).filter(([member]) => !WRITTEN.has(member))) as unknown as Task;
  const { to, error } = task;
  return {
    ...left,
    to: 'agent' in to ? to : { skill: to.skill },
    ...(error === undefined ? {} : { error: { name: error.name, message: '' } }),
    erased: true,
  };
}
