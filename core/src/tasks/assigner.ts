import type { Agent } from '../agents/agent.js';
import type { Log } from '../host/log.js';
import type { Timers } from '../host/time.js';
import type { Authorizer } from '../permissions/authorizer.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Answer, Session } from '../rpc/session.js';
import type { Signals } from '../store/signals.js';
import type { LaneEntry } from '../lanes/lane-entry.js';
import { HeldTask } from './held-tasks.js';
import { Opening } from './openings.js';
import type { Openings } from './openings.js';
import type { StoredTask, Task, TaskAssignment } from './task.js';
import { assignmentOf, deadlineOf, limitsOf } from './task.js';
import type { TaskBoard } from './task-board.js';
import { isConflict } from './task-errors.js';
import { TASK_KEYS } from './task-keys.js';
import type { TaskMeters } from './task-meters.js';
import { planAssignment } from './task-plans.js';
import { mayUse } from './task-target.js';
import type { WaitingTasks } from './waiting-tasks.js';

/** A task on its way from its lane to a worker: its place is taken, and it is put back or settled. */
export interface Claim {
  readonly stored: StoredTask;
  readonly input: Uint8Array;
  readonly entry: LaneEntry;
  readonly opening: Opening;
  /** It was not assigned; it waits as before. */
  abandon(): void;
  /** It was assigned. */
  done(): void;
}

/** A task that has just been given to a worker. */
export interface Assigned {
  readonly held: HeldTask;
  readonly assignment: TaskAssignment;
  readonly input: Uint8Array;
}

/** Brings tasks to workers: under a lease, with a new epoch, in a commit that is durable before the worker hears of it. */
export class Assigner {
  #stopped = false;

  /**
   * @param onAnswer told what a worker answered to task.assign
   * @param onUnsent told of a task that could not be handed to its worker
   */
  constructor(
    private readonly board: TaskBoard,
    private readonly openings: Openings,
    private readonly waiting: WaitingTasks,
    private readonly authorizer: Authorizer,
    private readonly timers: Timers,
    private readonly signals: Signals,
    private readonly meters: TaskMeters,
    private readonly log: Log,
    private readonly onAnswer: (held: HeldTask, epoch: number, answer: Answer) => void,
    private readonly onUnsent: (held: HeldTask, reason: string) => void,
  ) {}

  /** No more tasks are assigned. */
  stop(): void {
    this.#stopped = true;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** An agent takes tasks on this connection from now on. */
  open(agent: Agent, session: Session, window: number): Opening {
    const earlier = this.openings.get(agent.id);
    const opening = new Opening(agent, session, window, 'push');
    this.openings.open(opening);
    this.waiting.serve(opening);
    if (earlier !== undefined) this.waiting.leave(earlier);
    session.onClose(() => {
      this.close(opening);
    });
    this.pump(opening);
    return opening;
  }

  close(opening: Opening): void {
    if (this.openings.close(opening.agent.id, opening) !== undefined) this.waiting.leave(opening);
  }

  /** A worker for a new task, if it may have it at once: nothing waits that comes before. Its place is given away. */
  reserve(agents: readonly Agent[], fits: (agent: Agent) => boolean): Opening | undefined {
    if (this.#stopped) return undefined;
    const opening = this.openings.choose(agents, fits);
    if (opening === undefined || !this.waiting.isClear(opening)) return undefined;
    opening.reserved++;
    return opening;
  }

  /** Gives waiting tasks to a worker as long as it has room. */
  pump(opening: Opening): void {
    while (!this.#stopped && opening.kind === 'push' && opening.usable) {
      const taken = this.#take(opening);
      if (taken === undefined) return;
      void this.#assign(opening, taken.entry, taken.suspect);
    }
  }

  /** A lane may have something for the workers that take from it. */
  pumpLane(lane: string): void {
    for (const opening of this.waiting.takersOf(lane)) {
      if (opening.kind === 'push') this.pump(opening);
      else this.signals.raise(pullsOf(opening.agent.id));
    }
  }

  /** Agents may take tasks that did not when these came, for example because they were draining. */
  pumpAll(): void {
    for (const opening of this.openings.all()) this.pump(opening);
  }

  /** The next task for a worker, to be assigned in a commit of the caller's. */
  async claim(opening: Opening): Promise<Claim | undefined> {
    for (;;) {
      if (this.#stopped || !opening.usable) return undefined;
      const taken = this.#take(opening);
      if (taken === undefined) return undefined;
      const claim = await this.#load(opening, taken.entry, taken.suspect);
      if (claim !== undefined) return claim;
    }
  }

  /** Holds a task that was assigned, and hands it to its worker if that takes calls. */
  assigned(stored: StoredTask, input: Uint8Array, opening: Opening): Assigned {
    const { task } = stored;
    const held = new HeldTask(opening.agent.id, stored);
    const leaseMs = this.leaseMs(task);
    held.start(this.board.clock, leaseMs, deadlineOf(task, this.board.limits));
    this.board.held.add(held, opening.session);
    this.meters.assigned(task);
    const { runningMs } = limitsOf(task, this.board.limits);
    const assignment = assignmentOf(task, opening.agent.id, leaseMs, runningMs);
    if (opening.kind === 'push') this.#handOut(held, opening, assignment, input);
    return { held, assignment, input };
  }

  /** How long nothing may be heard of a task, ms. */
  leaseMs(task: Task): number {
    return task.limits?.heartbeatMs ?? this.board.limits.leaseMs;
  }

  #take(opening: Opening): { readonly entry: LaneEntry; readonly suspect: boolean } | undefined {
    if (!this.openings.hasRoom(opening, false)) return undefined;
    const taken = this.waiting.take(opening, this.openings.load(opening) === 0);
    if (taken === undefined) return undefined;
    opening.reserved++;
    if (taken.suspect) opening.alone = true;
    return taken;
  }

  async #assign(opening: Opening, entry: LaneEntry, suspect: boolean): Promise<void> {
    try {
      const claim = await this.#load(opening, entry, suspect);
      if (claim === undefined) {
        this.pump(opening);
        return;
      }
      try {
        const commit = this.board.begin();
        const change = commit.change(claim.stored);
        planAssignment(change, opening.agent, this.board.clock.now());
        commit.lane((lane) => {
          lane.settle(entry);
        });
        const revision = await this.board.commit(this.waiting, commit);
        claim.done();
        this.assigned(change.stored(revision), claim.input, opening);
      } catch (error) {
        claim.abandon();
        throw error;
      }
    } catch (error) {
      // It waits on, and is tried again after the time of a sweep.
      if (isConflict(error)) this.log.debug({ taskId: entry.id }, 'a task changed while it was assigned, and waits on');
      else this.log.error({ err: error, taskId: entry.id }, 'a task could not be assigned and waits on');
    }
  }

  /** Reads a task whose place is taken. `undefined` when it is not to be assigned to this opening after all. */
  async #load(opening: Opening, entry: LaneEntry, suspect: boolean): Promise<Claim | undefined> {
    let end: () => void = () => undefined;
    const { id } = entry;
    const pending = new Promise<void>((resolve) => (end = resolve));
    this.board.claims.set(id, pending);
    const leave = (): void => {
      opening.reserved--;
      if (suspect) opening.alone = false;
      if (this.board.claims.get(id) === pending) this.board.claims.delete(id);
      end();
    };
    const abandon = (): void => {
      leave();
      // Not at once: what kept it from being written will do so again.
      this.timers.after(this.board.limits.sweepMs, () => {
        this.waiting.putBack(entry);
      });
    };
    try {
      const [record, input] = await this.board.store.getTexts([TASK_KEYS.record(id), TASK_KEYS.input(id)]);
      const task = record === undefined ? undefined : (JSON.parse(record.text) as Task);
      if (record === undefined || input === undefined || task?.state !== 'submitted') {
        await this.waiting.settle(entry);
        leave();
        return undefined;
      }
      if (!mayUse(task.by, opening.agent, this.authorizer)) {
        await this.#restrict({ task, revision: record.revision }, entry);
        leave();
        return undefined;
      }
      const stored = { task, revision: record.revision };
      return { stored, input: Buffer.from(input.text), entry, opening, abandon, done: leave };
    } catch (error) {
      abandon();
      throw error;
    }
  }

  /** Its requester may not use every agent that fits: it waits among its like, so that those behind it go on. */
  async #restrict(stored: StoredTask, entry: LaneEntry): Promise<void> {
    const commit = this.board.begin();
    const change = commit.change(stored);
    change.set({ restricted: true });
    commit.lane((lane) => {
      lane.settle(entry);
      this.waiting.add(lane, commit, change);
    });
    await this.board.commit(this.waiting, commit);
  }

  #handOut(held: HeldTask, opening: Opening, assignment: TaskAssignment, input: Uint8Array): void {
    const { session } = opening;
    const { epoch } = held.task;
    // One that was lost meanwhile is taken back when its grace is over.
    if (session === undefined || held.session === undefined) return;
    try {
      const params = new RelayedJson(input, 'input', `"task":${JSON.stringify(assignment)}`);
      held.call = session.request('task.assign', params, assignment.runningMs, (answer) => {
        held.call = undefined;
        this.onAnswer(held, epoch, answer);
      });
    } catch (error) {
      this.onUnsent(held, error instanceof Error ? error.message : String(error));
    }
  }
}

/** What is raised when there may be something to pull for an agent. */
export function pullsOf(agentId: string): string {
  return `task-pulls/${agentId}`;
}
