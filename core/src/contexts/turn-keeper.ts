import { inject, injectable } from 'tsyringe';
import { Clock, Timers } from '../host/time.js';
import type { Timer } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import { contextDrafts } from './context-drafts.js';
import { turnView } from './context-view.js';
import { ContextWriter } from './context-writer.js';
import type { Conversation } from './conversation.js';
import { afterTime } from './turns.js';

/**
 * Passes turns on when their time is over, so that nobody who crashed or left holds up the others. Time is waited for by the monotonic
 * clock; a context that is not in memory has its turn passed on when it is next looked at.
 */
@injectable()
export class TurnKeeper {
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Set<Timer>();
  #stopped = false;
  /** Told of a turn that could not be passed on; it is when the context is next used. */
  onError: (error: unknown) => void = () => undefined;

  constructor(
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
  ) {}

  /** Waits for the end of the turn that there is now. */
  arm(conversation: Conversation): void {
    const { turnTimer, turn } = conversation;
    if (turnTimer !== undefined) {
      turnTimer.cancel();
      this.#timers.delete(turnTimer);
    }
    conversation.turnTimer = undefined;
    conversation.turnEnds = Infinity;
    if (turn.until === undefined || this.#stopped) return;
    const ms = Math.max(0, turn.until - this.clock.now());
    conversation.turnEnds = this.clock.monotonicMs() + ms;
    const timer = this.timers.after(ms, () => {
      this.#timers.delete(timer);
      // A timer may fire a moment early by the monotonic clock; it is not started again.
      conversation.turnEnds = -Infinity;
      this.#run(conversation);
    });
    this.#timers.add(timer);
    conversation.turnTimer = timer;
  }

  /** Passes the turn on if its time is over; within {@link ContextWriter.run} of the context. */
  async settle(conversation: Conversation): Promise<void> {
    const { context, turn } = conversation;
    if (conversation.turnEnds > this.clock.monotonicMs() || turn.until === undefined) return;
    // The wall clock may have been set back; the time is over all the same.
    const next = afterTime(context, turn, Math.max(this.clock.now(), turn.until));
    const note = { by: DAEMON.id, type: 'turn', turn: turnView(next), reason: 'timeout' };
    await this.writer.write(
      conversation,
      {
        turn: next,
        notes: [note],
        events: () => [contextDrafts.turnPassed(context.id, turn, next, 'timeout', undefined)],
      },
      this.writer.plain(),
      () => [],
    );
  }

  /** Passes no more turns on; resolves once none is being passed on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    await Promise.all(this.#running);
  }

  #run(conversation: Conversation): void {
    const running = this.writer
      .run(conversation.id, () => this.settle(conversation))
      .catch((error: unknown) => {
        this.onError(error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
