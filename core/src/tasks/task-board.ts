import type { ContextPlan, Contexts } from '../contexts/contexts.js';
import type { Clock } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import { joined } from '../store/joined-commits.js';
import type { Effect } from '../store/effects.js';
import { directEffect } from '../store/commit-effect.js';
import { KeyedQueue } from '../store/keyed-queue.js';
import type { Signals } from '../store/signals.js';
import type { Commit, Put, Store } from '../store/store.js';
import { HeldTasks } from './held-tasks.js';
import type { HeldTask } from './held-tasks.js';
import type { StoredTask, Task } from './task.js';
import { isTold, transcriptEntry } from './task-entry.js';
import { TaskCommit } from './task-commit.js';
import { TASK_KEYS } from './task-keys.js';
import type { TaskLimits } from './task-limits.js';
import type { WaitingTasks } from './waiting-tasks.js';

/**
 * The tasks: those that workers have in memory, all of them in the store. Changes of one task happen one after another; each is one
 * commit, and memory follows the commit.
 */
export class TaskBoard {
  readonly held: HeldTasks;
  /** Tasks that are on their way from their lane to a worker; what else would change them waits. */
  readonly claims = new Map<string, Promise<unknown>>();
  readonly #queue: KeyedQueue;
  readonly #direct: Effect;

  /** @param onLost called with each task whose worker's connection ended */
  constructor(
    readonly store: Store,
    readonly clock: Clock,
    readonly limits: TaskLimits,
    private readonly signals: Signals,
    private readonly contexts: Contexts,
    onLost: (held: HeldTask) => void,
  ) {
    this.held = new HeldTasks(onLost);
    this.#queue = new KeyedQueue(limits.waitingPerTask);
    this.#direct = directEffect(store);
  }

  /** An effect of the daemon itself, whose answer nobody asks for again. */
  get direct(): Effect {
    return this.#direct;
  }

  /**
   * Runs a job that changes tasks, after those before it of each of them. A task comes before its ancestors, so that no two jobs wait for
   * each other.
   *
   * @throws OrchestratorError `too_many_pending`
   */
  run<T>(taskIds: readonly (string | undefined)[], job: () => Promise<T>): Promise<T> {
    const [first, ...others] = new Set(taskIds.filter((id) => id !== undefined));
    if (first === undefined) return job();
    return this.#queue.run(first, async () => this.run(others, job));
  }

  /** The task as it is now. */
  async find(taskId: string): Promise<StoredTask | undefined> {
    const held = this.held.get(taskId);
    if (held !== undefined) return held.stored;
    const entry = await this.store.get(TASK_KEYS.record(taskId));
    return entry === undefined ? undefined : { task: entry.value as unknown as Task, revision: entry.revision };
  }

  /** @param principal who changes something; the daemon itself unless said */
  begin(principal: string = DAEMON.id): TaskCommit {
    return new TaskCommit(this.clock.now(), principal, this.limits.events);
  }

  /**
   * Makes changes durable, then known. Nothing is awaited before what waits is planned, so that lanes change in the order of commits.
   *
   * @throws OrchestratorError `conflict`, `inbox_full`, `storage_full`, `storage_fenced`
   */
  async commit(
    waiting: WaitingTasks,
    commit: TaskCommit,
    effect: Effect = this.#direct,
    answer: () => unknown = () => null,
  ): Promise<number> {
    const { laneSteps } = commit;
    const told = await this.#told(commit);
    const plans: ContextPlan[] = [];
    const whole = (): Commit => {
      for (const tell of told) plans.push(tell());
      return plans.length === 0 ? commit.whole : joined(commit.whole, { puts: lastOfEach(plans) });
    };
    let revision;
    try {
      revision =
        laneSteps.length === 0
          ? await effect.commit(whole(), answer())
          : await waiting.lanes.run(
              (change) => {
                for (const step of laneSteps) step(change);
              },
              (writes) => effect.commit(joined(whole(), writes), answer()),
            );
    } catch (error) {
      for (const plan of plans) plan.failed();
      throw error;
    }
    for (const plan of plans) plan.done();
    for (const change of commit.changes) {
      const { taskId } = change.task;
      const held = this.held.get(taskId);
      if (held !== undefined) held.stored = change.stored(revision);
      this.signals.raise(eventsOf(taskId));
    }
    return revision;
  }

  /** How the contexts of tasks are told what becomes of them, in the turn of the commit; a new task belongs to its context from then on. */
  async #told(commit: TaskCommit): Promise<(() => ContextPlan)[]> {
    const told: (() => ContextPlan)[] = [];
    for (const change of commit.changes) {
      const { contextId, taskId } = change.task;
      if (contextId === undefined || !isTold(change)) continue;
      const context = await this.contexts.reenter(contextId);
      if (context === undefined) continue;
      const entry = transcriptEntry(change, context.entryBytes);
      if (change.revision > 0) told.push(() => context.note(entry));
      else told.push(() => context.plan({ item: { kind: 'task', id: taskId }, ...(context.open ? { entry } : {}) }));
    }
    return told;
  }
}

/** Plans of one context each put its head; the last one's counts them all. */
function lastOfEach(plans: readonly ContextPlan[]): Put[] {
  const puts = new Map<string, Put>();
  for (const put of plans.flatMap((plan) => plan.puts)) puts.set(put.key, put);
  return [...puts.values()];
}

/** What is raised when a task has new events. */
export function eventsOf(taskId: string): string {
  return `task/${taskId}`;
}
