import type { Put } from '../store/store.js';
import type { Commit } from '../store/store.js';
import type { LaneChange } from '../lanes/lane-change.js';
import { joined } from '../store/joined-commits.js';
import { TaskChange } from './task-change.js';
import type { StoredTask } from './task.js';

/** Changes of tasks and of what waits that become durable together. */
export class TaskCommit {
  readonly puts: Put[] = [];
  readonly deletes: string[] = [];
  readonly #changes = new Map<string, TaskChange>();
  readonly #laneSteps: ((change: LaneChange) => void)[] = [];

  constructor(
    private readonly now: number,
    private readonly principal: string,
    private readonly keptEvents: number,
  ) {}

  /** The change of a task; the same one for the same task. */
  change({ task, revision }: StoredTask): TaskChange {
    let change = this.#changes.get(task.taskId);
    if (change === undefined) {
      change = new TaskChange(task, revision, this.now, this.principal, this.keptEvents);
      this.#changes.set(task.taskId, change);
    }
    return change;
  }

  /** Changes what waits; called when the commit is made. */
  lane(step: (change: LaneChange) => void): void {
    this.#laneSteps.push(step);
  }

  get changes(): Iterable<TaskChange> {
    return this.#changes.values();
  }

  get laneSteps(): readonly ((change: LaneChange) => void)[] {
    return this.#laneSteps;
  }

  /** All of it but what waits. */
  get whole(): Required<Commit> {
    const own = { puts: this.puts, deletes: this.deletes };
    return joined(...[...this.#changes.values()].map((change) => change.commit), own);
  }
}
