import { OrchestratorError } from '../error.js';
import type { Time } from './time.js';

/**
 * The deliveries of one message while it is handled. The daemon takes calls on the message's account only from the connection that it
 * delivered the message on, so that after a lost connection they wait for its next delivery.
 */
export class Deliveries {
  /** Of the delivery that counts: the newest. */
  deliveryId: string;
  readonly #messageId: string;
  readonly #visibilityMs: number;
  readonly #time: Time;
  readonly #waiting = new Set<() => void>();
  #away = false;

  constructor(message: { id: string; deliveryId: string; visibilityMs: number }, time: Time) {
    this.deliveryId = message.deliveryId;
    this.#messageId = message.id;
    this.#visibilityMs = message.visibilityMs;
    this.#time = time;
  }

  /** The connection of the newest is lost. */
  lost(): void {
    this.#away = true;
  }

  /** Another has come. */
  joined(deliveryId: string): void {
    this.#away = false;
    this.deliveryId = deliveryId;
    for (const wake of this.#waiting) wake();
  }

  /**
   * Makes a call on the message's account, and makes it again when the daemon knew of no delivery on this connection and one came.
   *
   * @throws OrchestratorError `not_found` when none comes for as long as one lasts; whatever the call throws
   */
  async perform<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    if (this.#away) await this.#next(signal);
    for (;;) {
      const { deliveryId } = this;
      try {
        return await call();
      } catch (error) {
        if (!this.#isUnknown(error)) throw error;
        if (deliveryId === this.deliveryId && !(await this.#next(signal))) throw error;
      }
    }
  }

  #isUnknown(error: unknown): boolean {
    if (!(error instanceof OrchestratorError)) return false;
    return error.errorName === 'not_found' && error.data.resource === `message/${this.#messageId}`;
  }

  /** Resolves with the next delivery, or when the signal aborts, which the call itself tells; `false` when neither comes in time. */
  #next(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (came: boolean): void => {
        timer.cancel();
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve(came);
      };
      const wake = (): void => end(true);
      const timer = this.#time.after(this.#visibilityMs, () => end(false));
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.add(wake);
    });
  }
}
