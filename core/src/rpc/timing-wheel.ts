import type { Clock, Timer, Timers } from '../host/time.js';

const SLOTS = 512;

/** One deadline, linked into its slot so that canceling it touches nothing else. */
class Deadline implements Timer {
  next: Deadline | undefined;
  previous: Deadline | undefined;
  wheel: TimingWheel | undefined;
  slot = 0;
  rounds = 0;

  constructor(readonly run: () => void) {}

  cancel(): void {
    this.wheel?.remove(this);
  }
}

/**
 * Very many deadlines on one timer: starting and canceling one costs the same however many there are, and an idle wheel has no timer
 * at all. A deadline fires up to `tickMs` late, never early.
 */
export class TimingWheel {
  readonly #slots: (Deadline | undefined)[] = new Array<Deadline | undefined>(SLOTS).fill(undefined);
  #at = 0;
  #size = 0;
  #timer: Timer | undefined;
  #lastTick = 0;

  constructor(
    private readonly timers: Timers,
    private readonly clock: Clock,
    private readonly tickMs: number,
  ) {}

  /** Deadlines that have neither fired nor been canceled. */
  get size(): number {
    return this.#size;
  }

  /** Calls `run` once, at least `ms` from now. */
  after(ms: number, run: () => void): Timer {
    if (this.#timer === undefined) {
      this.#lastTick = this.clock.monotonicMs();
      this.#timer = this.timers.every(this.tickMs, () => this.#tick());
    }
    const deadline = new Deadline(run);
    // Counted from the last tick that was handled, so that a late tick makes no deadline early.
    const ticks = Math.max(1, Math.ceil((this.clock.monotonicMs() - this.#lastTick + ms) / this.tickMs));
    deadline.slot = (this.#at + ticks) % SLOTS;
    deadline.rounds = Math.floor((ticks - 1) / SLOTS);
    deadline.wheel = this;
    const head = this.#slots[deadline.slot];
    deadline.next = head;
    if (head !== undefined) head.previous = deadline;
    this.#slots[deadline.slot] = deadline;
    this.#size++;
    return deadline;
  }

  /** Takes a deadline out; for the deadline itself. */
  remove(deadline: Deadline): void {
    if (deadline.wheel !== this) return;
    deadline.wheel = undefined;
    if (deadline.previous === undefined) this.#slots[deadline.slot] = deadline.next;
    else deadline.previous.next = deadline.next;
    if (deadline.next !== undefined) deadline.next.previous = deadline.previous;
    deadline.next = deadline.previous = undefined;
    if (--this.#size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
  }

  /** Handles every tick that has passed; a loop that was blocked has several to make up for. */
  #tick(): void {
    const now = this.clock.monotonicMs();
    const failures: unknown[] = [];
    while (this.#size > 0 && this.#lastTick + this.tickMs <= now) {
      this.#lastTick += this.tickMs;
      this.#at = (this.#at + 1) % SLOTS;
      const due: Deadline[] = [];
      for (let d = this.#slots[this.#at]; d !== undefined; d = d.next) {
        if (d.rounds === 0) due.push(d);
        else d.rounds--;
      }
      for (const deadline of due) {
        // An earlier one of the same tick may have canceled it.
        if (deadline.wheel === undefined) continue;
        this.remove(deadline);
        try {
          deadline.run();
        } catch (error) {
          // The others of this tick are due all the same.
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a deadline could not be handled');
  }
}
