import type { Clock } from '../host/time.js';
import type { PendingCall, Session } from '../rpc/session.js';
import type { StoredTask, Task } from './task.js';

/** A task that a worker has. */
export class HeldTask {
  /** The connection that its worker is on; none while it is away, or when it came without one. */
  session: Session | undefined;
  /** Since when its worker has it, monotonic ms. */
  heldSince = 0;
  /** Until when something has to be heard of it, monotonic ms. */
  leaseUntil = 0;
  /** Since when this attempt runs, monotonic ms; not while it waits for input. */
  runningFrom: number | undefined;
  /** When its total time is over, monotonic ms. */
  totalUntil = Infinity;
  /** The task.assign call that is not answered yet. */
  call: PendingCall | undefined;

  constructor(
    readonly agentId: string,
    public stored: StoredTask,
  ) {}

  get task(): Task {
    return this.stored.task;
  }

  /** Working time of this attempt, ms. */
  ranMs(monotonic: number): number {
    return (this.task.ranMs ?? 0) + (this.runningFrom === undefined ? 0 : monotonic - this.runningFrom);
  }

  /**
   * Starts its clocks: from here on time is what passes, whatever the wall clock does.
   *
   * @param deadline of its total time, wall-clock ms
   */
  start(clock: Clock, leaseMs: number, deadline: number): void {
    const [now, monotonic] = [clock.now(), clock.monotonicMs()];
    const { runningSince } = this.task;
    this.heldSince = monotonic;
    this.leaseUntil = monotonic + leaseMs;
    this.totalUntil = monotonic + Math.max(0, deadline - now);
    this.runningFrom = runningSince === undefined ? undefined : monotonic - Math.max(0, now - runningSince);
  }

  /** How to tell its worker to stop, on the connection that it has now. */
  stopper(): (reason: string) => void {
    const { session, call } = this;
    const { taskId, epoch } = this.task;
    return (reason) => {
      call?.cancel(reason);
      session?.notify('task.canceled', { taskId, epoch, reason });
    };
  }
}

/** The tasks that workers have, by id, agent and connection. */
export class HeldTasks {
  readonly #byId = new Map<string, HeldTask>();
  readonly #byAgent = new Map<string, Set<HeldTask>>();
  readonly #bySession = new Map<Session, Set<HeldTask>>();

  /** @param onLost called with each task whose connection ended */
  constructor(private readonly onLost: (held: HeldTask) => void) {}

  get size(): number {
    return this.#byId.size;
  }

  get(taskId: string): HeldTask | undefined {
    return this.#byId.get(taskId);
  }

  /** Those that take a place of an agent. */
  ofAgent(agentId: string): ReadonlySet<HeldTask> | undefined {
    return this.#byAgent.get(agentId);
  }

  /** A copy, so that each of it may be dropped meanwhile. */
  all(): HeldTask[] {
    return [...this.#byId.values()];
  }

  add(held: HeldTask, session: Session | undefined): void {
    this.#byId.set(held.task.taskId, held);
    this.occupy(held);
    this.connect(held, session);
  }

  /** It takes a place of its agent. */
  occupy(held: HeldTask): void {
    let ofAgent = this.#byAgent.get(held.agentId);
    if (ofAgent === undefined) this.#byAgent.set(held.agentId, (ofAgent = new Set()));
    ofAgent.add(held);
  }

  /** Its place is free for another: its end is being written. */
  vacate(held: HeldTask): void {
    const ofAgent = this.#byAgent.get(held.agentId);
    ofAgent?.delete(held);
    if (ofAgent?.size === 0) this.#byAgent.delete(held.agentId);
  }

  /** The worker speaks on this connection from now on. */
  connect(held: HeldTask, session: Session | undefined): void {
    if (held.session === session) return;
    this.#disconnect(held);
    if (session === undefined) return;
    if (session.closed) {
      this.onLost(held);
      return;
    }
    held.session = session;
    const known = this.#bySession.get(session);
    if (known !== undefined) {
      known.add(held);
      return;
    }
    const tasks = new Set([held]);
    session.onClose(() => {
      this.#bySession.delete(session);
      for (const each of tasks) {
        each.session = undefined;
        this.onLost(each);
      }
    });
    this.#bySession.set(session, tasks);
  }

  drop(held: HeldTask): void {
    this.#byId.delete(held.task.taskId);
    this.vacate(held);
    this.#disconnect(held);
  }

  #disconnect(held: HeldTask): void {
    if (held.session === undefined) return;
    // The set stays while the connection does: the next task is a moment away.
    this.#bySession.get(held.session)?.delete(held);
    held.session = undefined;
  }
}
