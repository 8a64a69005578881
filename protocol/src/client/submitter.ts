import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { newKey } from './key.js';
import type { Recipient } from './message.js';
import { Task, type SubmitOptions, type TaskStatus, type TaskSurroundings } from './task.js';

/** The task on whose behalf another is submitted. */
export type OfParent = Pick<ParamsOf<Methods['task.submit']>, 'parentTaskId' | 'parentEpoch'>;

/** Submits tasks, and finds them again. */
export class Submitter {
  readonly #around: TaskSurroundings;

  constructor(around: TaskSurroundings) {
    this.#around = around;
  }

  /** Resolves once the daemon has taken it on; a connection that breaks meanwhile submits nothing twice. */
  async submit(to: Recipient, input: unknown, options: SubmitOptions & OfParent): Promise<Task> {
    const { signal, timeoutMs, ...more } = options;
    const params: ParamsOf<Methods['task.submit']> = { to, input, idempotencyKey: newKey(), ...more };
    const submitted = await this.#around.calls.start('task.submit', params, {
      ...(signal ? { signal } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ofWork: (options.parentTaskId ?? options.causationId) !== undefined,
    });
    return this.task((submitted as TaskStatus).taskId);
  }

  /** A task that was submitted earlier, perhaps by another process. */
  task(taskId: string): Task {
    return new Task(taskId, this.#around);
  }
}
