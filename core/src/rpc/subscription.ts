import { OrchestratorError, type ErrorName, type Permission } from '@ai-orchestrator/protocol';
import type { Log } from '../host/log.js';
import type { SubscriptionBatch } from './session.js';

/** Why a subscription ended; the protocol's `subscription.closed`. */
export type SubscriptionEnd = 'slow_consumer' | 'cursor_expired' | 'going_away' | 'permission_revoked' | 'unavailable';

/** What a subscription needs of its session. */
export interface SubscriptionOutlet {
  /** Sends one batch. */
  events(subscriptionId: string, batch: SubscriptionBatch): void;
  /** Resolves when the client is not behind: at once, or when it has caught up. */
  caughtUp(): Promise<void> | undefined;
  /** The subscription is over. */
  finish(subscription: Subscription, reason: SubscriptionEnd): void;
}

/** Errors of a source that are the end that its client is told. */
const ENDS: Partial<Record<ErrorName, SubscriptionEnd>> = {
  cursor_expired: 'cursor_expired',
  permission_denied: 'permission_revoked',
};

/** One source that is being sent to a client, no faster than the client reads. */
export class Subscription {
  readonly #stop = new AbortController();
  /** Waiting for the client to catch up. */
  paused = false;

  /**
   * @param cursor where the client stands: after the last entry that was sent
   * @param permission what the client needs for as long as it lasts
   */
  constructor(
    readonly id: string,
    private readonly source: (signal: AbortSignal) => AsyncIterable<SubscriptionBatch>,
    public cursor: string,
    readonly permission: Permission,
    private readonly outlet: SubscriptionOutlet,
    private readonly log: Log,
  ) {}

  /** Sends until the source ends or the subscription is stopped; never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const batch of this.source(signal)) {
        // Something else may have put the client behind since: past the hard limit the batch would be dropped. Nothing may come
        // between the last look and the sending.
        for (let wait = this.outlet.caughtUp(); wait !== undefined; wait = this.outlet.caughtUp()) {
          await this.#pause(wait);
        }
        if (signal.aborted) return;
        this.outlet.events(this.id, batch);
        this.cursor = batch.cursor;
        // Nothing is taken from the source meanwhile: what waits for a slow client stays in the store.
        const wait = this.outlet.caughtUp();
        if (wait !== undefined) await this.#pause(wait);
      }
      if (!signal.aborted) this.outlet.finish(this, 'unavailable');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof OrchestratorError) {
        const reason = ENDS[error.errorName];
        if (reason !== undefined) {
          this.outlet.finish(this, reason);
          return;
        }
      }
      this.log.error({ err: error, subscriptionId: this.id }, 'the source of a subscription failed');
      this.outlet.finish(this, 'unavailable');
    }
  }

  async #pause(caughtUp: Promise<void>): Promise<void> {
    this.paused = true;
    await caughtUp;
    this.paused = false;
  }

  /** Takes no more from the source. */
  stop(): void {
    this.#stop.abort();
  }
}
