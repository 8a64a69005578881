import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, taskMethods } from '@ai-orchestrator/protocol';
import type { Log } from '../host/log.js';
import type { Call } from '../rpc/call.js';
import type { Effects } from '../store/effects.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import { isFinal, taskSuccessors } from './life-cycle.js';
import { statusOf } from './task.js';
import type { StoredTask, TaskStatus } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskBoard } from './task-board.js';
import { ATTEMPT_ERRORS, taskNotFound } from './task-errors.js';
import { cascadeMark, keysEnd, TASK_KEYS } from './task-keys.js';
import type { Doing, TaskOutcomes } from './task-outcomes.js';
import type { WaitingTasks } from './waiting-tasks.js';

type CancelParams = HandlerParamsOf<typeof taskMethods.taskCancel>;

const PAGE = 100;
/** Looks for where a task is; each waits for whoever is changing it. */
const TRIES = 16;

/** Ends tasks before their time: for those who want them done, and for what hangs on tasks that ended. */
export class TaskCancellation {
  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly outcomes: TaskOutcomes,
    private readonly access: TaskAccess,
    private readonly effects: Effects,
    private readonly log: Log,
  ) {}

  /** Answers `task.cancel`. What was canceled already stays so. */
  async cancel(params: CancelParams, call: Call): Promise<TaskStatus> {
    const { taskId, reason, cascade = true } = params;
    const status = await this.effects.perform(call, params, async (effect) => {
      await this.access.directed(call.principal, taskId);
      return this.#cancel(taskId, reason, cascade, { actor: 'requester', principal: call.principal.id, effect });
    });
    if (cascade) await this.cascade(taskId);
    return status;
  }

  /** Ends a task and its sub-tasks on the daemon's own account; one that has ended stays as it is. */
  async end(taskId: string, reason: string): Promise<void> {
    try {
      await this.#cancel(taskId, reason, true, this.outcomes.own);
    } catch (error) {
      if (!(error instanceof OrchestratorError) || !ENDED.has(error.errorName)) throw error;
    }
    await this.cascade(taskId);
  }

  /** An item in a lane whose time is over. */
  async over(entry: LaneEntry): Promise<void> {
    const known = await this.board.find(entry.id);
    await this.board.run([entry.id, known?.task.budgetOf], async () => {
      if (entry.state !== 'held') return;
      const stored = await this.board.find(entry.id);
      if (stored?.task.state !== 'submitted' || !isAt(stored, entry)) {
        await this.waiting.settle(entry);
        return;
      }
      const late = this.board.clock.now() >= stored.task.createdAt + this.#totalMs(stored);
      await this.outcomes.failWaiting(stored, entry, late ? ATTEMPT_ERRORS.totalTooLong : ATTEMPT_ERRORS.waitedTooLong);
    });
  }

  /** Goes on with cascades that a stop of the daemon cut short. */
  async resume(): Promise<void> {
    const prefix = TASK_KEYS.cascades;
    const page = await this.board.store.range({ from: prefix, to: keysEnd(prefix), limit: PAGE });
    for (const { key } of page.entries) await this.cascade(key.slice(prefix.length));
  }

  /** Cancels what hangs on a task that ended without having been done, if it is so marked. */
  async cascade(taskId: string): Promise<void> {
    const { key: marker } = cascadeMark(taskId);
    const [marked] = await this.board.store.getMany([marker]);
    if (marked === undefined) return;
    const prefix = TASK_KEYS.children(taskId);
    for (let from: string | undefined = prefix; from !== undefined;) {
      const page = await this.board.store.range({ from, to: keysEnd(prefix), limit: PAGE });
      for (const { key } of page.entries) {
        const childId = key.slice(prefix.length);
        await this.end(childId, `task ${taskId}, which it is part of, has ended`);
      }
      from = page.next;
    }
    await this.board.store.commit({ deletes: [marker] });
  }

  /** As {@link TaskCancellation.cascade}, for those who do not wait for it; what fails is taken up again by a sweep. */
  cascadeSoon(taskId: string): void {
    this.cascade(taskId).catch((error: unknown) => {
      this.log.error({ err: error, taskId }, 'not all sub-tasks could be canceled; it will be tried again');
    });
  }

  async #cancel(taskId: string, reason: string | undefined, cascade: boolean, by: Doing): Promise<TaskStatus> {
    const known = await this.board.find(taskId);
    return this.board.run([taskId, known?.task.budgetOf], async () => {
      for (let tries = 0; tries < TRIES; tries++) {
        // One that is on its way to a worker is canceled there.
        const claim = this.board.claims.get(taskId);
        if (claim !== undefined) {
          await claim;
          continue;
        }
        const held = this.board.held.get(taskId);
        if (held !== undefined) {
          const stop = held.stopper();
          const status = await this.outcomes.cancel(held, reason, cascade, by);
          stop(reason ?? 'canceled');
          return status;
        }
        const stored = await this.board.find(taskId);
        if (stored === undefined) throw taskNotFound(taskId);
        const { state, place } = stored.task;
        if (state === 'canceled') {
          // Its sub-tasks may have been left going on then.
          if (cascade && stored.task.children > 0) await this.board.store.commit({ puts: [cascadeMark(taskId)] });
          return statusOf(stored.task);
        }
        if (isFinal(state) || place === undefined) throw refused(stored, by);
        const entry = (await this.waiting.lanes.take(place)) ?? this.waiting.taken(place);
        // Claimed while its place was looked for.
        if (entry === undefined || this.board.claims.has(taskId)) continue;
        return await this.outcomes.cancelWaiting(stored, entry, reason, cascade, by);
      }
      throw new OrchestratorError('conflict', `task ${taskId} is being assigned; try again`, {
        resource: `task/${taskId}`,
      });
    });
  }

  #totalMs({ task }: StoredTask): number {
    return task.limits?.totalMs ?? this.board.limits.totalMs;
  }
}

/** What keeps a sub-task from being canceled, and is no reason to try again. */
const ENDED = new Set(['task_state', 'task_not_found']);

function isAt({ task }: StoredTask, entry: LaneEntry): boolean {
  const { place } = task;
  return place?.lane === entry.lane.name && place.priority === entry.priority && place.sequence === entry.sequence;
}

function refused({ task }: StoredTask, { actor }: Doing): OrchestratorError {
  const allowed = taskSuccessors(task.state, actor);
  return new OrchestratorError('task_state', `the task is ${task.state}`, {
    from: task.state,
    to: 'canceled',
    allowed,
  });
}
