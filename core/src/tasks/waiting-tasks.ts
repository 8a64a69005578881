import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Agent } from '../agents/agent.js';
import type { VersionRanges } from '../agents/version-ranges.js';
import type { Clock, Timers } from '../host/time.js';
import type { Authorizer } from '../permissions/authorizer.js';
import { commitEffect } from '../store/commit-effect.js';
import type { JsonValue, Store } from '../store/store.js';
import type { LaneChange } from '../lanes/lane-change.js';
import type { LaneEntry, LanePlace } from '../lanes/lane-entry.js';
import { Lanes } from '../lanes/lanes.js';
import type { LaneListener } from '../lanes/lanes.js';
import type { Opening } from './openings.js';
import type { Task } from './task.js';
import { limitsOf } from './task.js';
import type { TaskChange } from './task-change.js';
import type { TaskCommit } from './task-commit.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';
import type { TaskLimits } from './task-limits.js';
import { fitsTarget, isHashed, laneOf } from './task-target.js';
import type { TaskTarget } from './task-target.js';

const PAGE = 1000;
/** So many tasks go to a worker by priority, then one by age, so that none starves in another lane. */
const BY_PRIORITY = 7;

/** The tasks that wait, in one lane for each kind of agent that they wait for. */
export class WaitingTasks {
  readonly lanes: Lanes;
  /** Agents that a suspect waits for to have nothing else, since when, monotonic ms. */
  readonly #aloneSince = new WeakMap<Agent, number>();
  /** Targets that the name of their lane does not say. */
  readonly #targets = new Map<string, TaskTarget>();
  /** Who takes from each lane that is read ahead. */
  readonly #takers = new Map<string, Set<Opening>>();
  #version = 0;
  #taken = 0;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    timers: Timers,
    private readonly authorizer: Authorizer,
    private readonly ranges: VersionRanges,
    private readonly limits: TaskLimits,
    listener: LaneListener,
  ) {
    this.lanes = new Lanes('task-lanes', store, clock, timers, listener, {
      // What was accepted once is taken back past the bound of what is accepted.
      items: 2 * limits.queuedTasks,
      bytes: 2 * limits.queuedBytes,
    });
  }

  async start(): Promise<() => Promise<void>> {
    for (let from: string | undefined = TASK_KEYS.targets; from !== undefined;) {
      const page = await this.store.range({ from, to: keysEnd(TASK_KEYS.targets), limit: PAGE });
      for (const { key, value } of page.entries) {
        this.#targets.set(key.slice(TASK_KEYS.targets.length), value as unknown as TaskTarget);
      }
      from = page.next;
    }
    const stop = await this.lanes.start();
    try {
      await this.#forgetStored();
      return stop;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  get size(): number {
    return this.lanes.items;
  }

  /**
   * Plans that a task waits; its record says where.
   *
   * @throws OrchestratorError `inbox_full`, `limit_exceeded`
   */
  add(lane: LaneChange, commit: TaskCommit, change: TaskChange, notBefore?: number): void {
    const { task } = change;
    const target = targetOf(task);
    const name = laneOf(target);
    if (isHashed(name)) this.#admit(name, target, commit);
    const { taskId: id, priority, inputBytes: bytes, createdAt, queuedAt } = task;
    const { queuedMs, totalMs } = limitsOf(task, this.limits);
    const expiresAt = Math.min(Math.max(queuedAt, notBefore ?? 0) + queuedMs, createdAt + totalMs);
    const entry = lane.add(name, { id, priority, bytes, expiresAt, notBefore });
    change.set({ place: entry.place });
  }

  /** Tasks that wait for the same as one, which may be among them. */
  waitingLike(task: Task): number {
    return this.lanes.countOf(laneOf(targetOf(task)));
  }

  /** @throws OrchestratorError `inbox_full` when no more of this kind may wait */
  checkRoom(task: Task): void {
    const name = laneOf(targetOf(task));
    const count = this.lanes.countOf(name);
    const bytes = this.lanes.bytesOf(name);
    const { queuedTasks, queuedBytes } = this.limits;
    if (count >= queuedTasks) throw full(name, 'tasks.queuedTasks', queuedTasks);
    if (count > 0 && bytes + task.inputBytes > queuedBytes) throw full(name, 'tasks.queuedBytes', queuedBytes);
  }

  /** Finds out which lanes an opening takes from, and has them read ahead. */
  serve(opening: Opening): void {
    const { agent } = opening;
    const version = `${String(this.#version)}/${String(this.authorizer.version)}`;
    if (opening.lanes.card === agent.card && opening.lanes.version === version) return;
    const before = [...opening.lanes.suspects, ...opening.lanes.others];
    const suspects: string[] = [];
    const others: string[] = [];
    for (const target of this.#targetsOf(agent)) {
      (target.suspect === true ? suspects : others).push(laneOf(target));
    }
    opening.lanes = { suspects, others, card: agent.card, version };
    const now = new Set([...suspects, ...others]);
    for (const lane of before) if (!now.has(lane)) this.#leave(lane, opening);
    for (const lane of now) {
      const takers = this.#takers.get(lane);
      if (takers !== undefined) takers.add(opening);
      else {
        this.#takers.set(lane, new Set([opening]));
        this.lanes.watch(lane);
      }
    }
  }

  /** Who takes from a lane. */
  takersOf(lane: string): Iterable<Opening> {
    return [...(this.#takers.get(lane) ?? [])];
  }

  /** It takes nothing more. */
  leave(opening: Opening): void {
    for (const lane of [...opening.lanes.suspects, ...opening.lanes.others]) this.#leave(lane, opening);
    opening.lanes = { suspects: [], others: [], card: undefined, version: '' };
  }

  /** Whether nothing waits that would come before a new task for this opening. */
  isClear(opening: Opening): boolean {
    this.serve(opening);
    const { suspects, others } = opening.lanes;
    return others.every((lane) => !this.#waits(lane)) && suspects.every((lane) => !this.#waits(lane));
  }

  /**
   * Takes the task whose turn it is for an opening: a suspect once it has nothing else, or that was waited for long enough, before all
   * others. The caller settles it or puts it back.
   *
   * @param empty whether the opening has nothing at all
   */
  take(opening: Opening, empty: boolean): { readonly entry: LaneEntry; readonly suspect: boolean } | undefined {
    this.serve(opening);
    const { suspects, others } = opening.lanes;
    const waiting = this.#next(suspects);
    // While a suspect waits it takes no others, so that it comes to have nothing else; not for ever: what it has may wait for this one.
    if (waiting !== undefined && !empty && !this.#waitedAlone(opening.agent)) return undefined;
    this.#aloneSince.delete(opening.agent);
    const name = waiting ?? this.#next(others);
    const entry = name === undefined ? undefined : this.lanes.takeNext(name);
    return entry === undefined ? undefined : { entry, suspect: waiting !== undefined && empty };
  }

  #waitedAlone(agent: Agent): boolean {
    const now = this.clock.monotonicMs();
    const since = this.#aloneSince.get(agent) ?? now;
    this.#aloneSince.set(agent, since);
    return now - since >= this.limits.aloneMs;
  }

  /** A place that was taken and not settled yet, by whoever was to fail it for its time. */
  taken({ lane, sequence }: LanePlace): LaneEntry | undefined {
    const entry = this.lanes.lane(lane).known.get(sequence);
    return entry?.state === 'held' && !entry.changing ? entry : undefined;
  }

  /** Gives a place back that was taken, unless it was settled meanwhile. */
  putBack(entry: LaneEntry): void {
    if (entry.state === 'held' && !entry.changing) this.lanes.putBack(entry);
  }

  /** Ends a place for which there is no task that waits. */
  async settle(entry: LaneEntry): Promise<void> {
    await this.lanes.run(
      (change) => {
        change.settle(entry);
      },
      (writes) => commitEffect(this.store, writes),
    );
  }

  /** The lane with the item that goes first. */
  #next(lanes: readonly string[]): string | undefined {
    const byAge = ++this.#taken % (BY_PRIORITY + 1) === 0;
    let chosen: string | undefined;
    let best: LaneEntry | undefined;
    for (const name of lanes) {
      const first = this.lanes.lane(name).first;
      if (first === undefined || (best !== undefined && !comesBefore(first, best, byAge))) continue;
      chosen = name;
      best = first;
    }
    return chosen;
  }

  #waits(name: string): boolean {
    const lane = this.lanes.lane(name);
    return lane.arriving > 0 || lane.hasWaiting;
  }

  *#targetsOf(agent: Agent): Iterable<TaskTarget> {
    const plain = [{ agent: agent.id }, ...agent.card.skills.map(({ id }) => ({ skill: id }))];
    for (const to of plain) {
      yield { to };
      yield { to, suspect: true };
    }
    for (const target of this.#targets.values()) {
      if (fitsTarget(target, agent, this.ranges, this.authorizer)) yield target;
    }
  }

  #admit(name: string, target: TaskTarget, commit: TaskCommit): void {
    // Each time, because the commit that was to store it may have failed.
    commit.puts.push({ key: TASK_KEYS.targets + name, value: target as unknown as JsonValue });
    if (this.#targets.has(name)) return;
    if (this.#targets.size >= this.limits.targets) this.#forgetEmpty(commit);
    if (this.#targets.size >= this.limits.targets) {
      throw new OrchestratorError('limit_exceeded', 'too many kinds of agents are waited for', {
        limit: 'tasks.targets',
        value: this.limits.targets,
      });
    }
    this.#targets.set(name, target);
    this.#version++;
  }

  /** Forgets targets that nothing waits for, and their lanes with them. */
  #forgetEmpty({ deletes }: Pick<TaskCommit, 'deletes'>): void {
    for (const name of this.#targets.keys()) {
      if (!this.lanes.lane(name).idle) continue;
      this.#targets.delete(name);
      const head = this.lanes.drop(name);
      // What is stored of one that may not be empty is looked at by the next start.
      if (head === undefined) continue;
      this.#takers.delete(name);
      deletes.push(TASK_KEYS.targets + name, head);
    }
    this.#version++;
  }

  /** What an earlier run left of targets that nothing waits for. */
  async #forgetStored(): Promise<void> {
    for (const name of this.#targets.keys()) await this.lanes.proveEmpty(name);
    const deletes: string[] = [];
    this.#forgetEmpty({ deletes });
    for (let i = 0; i < deletes.length; i += PAGE) await this.store.commit({ deletes: deletes.slice(i, i + PAGE) });
  }

  #leave(lane: string, opening: Opening): void {
    const takers = this.#takers.get(lane);
    if (takers?.delete(opening) !== true || takers.size > 0) return;
    this.#takers.delete(lane);
    this.lanes.unwatch(lane);
  }
}

/** Whom a task waits for. */
function targetOf({ to, by, restricted, suspect }: Task): TaskTarget {
  return { to, ...(restricted === true ? { by } : {}), ...(suspect === true ? { suspect } : {}) };
}

function full(lane: string, limit: string, value: number): OrchestratorError {
  return new OrchestratorError('inbox_full', `the queue ${lane} is at ${limit}, which is ${String(value)}`, {
    limit: { [limit]: value },
  });
}

/** Ids rise with time. */
function comesBefore(a: LaneEntry, b: LaneEntry, byAge: boolean): boolean {
  if (byAge || a.priority === b.priority) return a.id < b.id;
  return a.priority > b.priority;
}
