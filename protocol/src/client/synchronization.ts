import { OrchestratorError } from '../error.js';
import type { ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { backoffMs } from './backoff.js';
import type { Calls } from './calls.js';
import { ConnectionError } from './connection-error.js';
import type { ClientLimits } from './options.js';
import type { PendingChange } from './replica-operation.js';
import type { Replica, Synchronized } from './replica.js';
import type { Subscriptions } from './subscriptions.js';
import type { Time, Timer } from './time.js';

type Synced = ResultOf<Methods['state.sync']>;

/** What a synchronisation needs of the client. */
export interface SynchronizationSurroundings {
  readonly calls: Calls;
  readonly subscriptions: Subscriptions;
  readonly limits: ClientLimits;
  readonly random: () => number;
  readonly time: Time;
}

/** How a replica is kept in step. */
export interface SynchronizeOptions {
  /** Told whenever something came: what became of changes, and which fields are other. */
  readonly onSynchronized?: (synchronized: Synchronized) => void;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Keeps a replica and the daemon's document in step, over all reconnects: what is written in the one comes to the other as soon as
 * there is a connection. A change that was sent and not answered is sent again, and counts once.
 */
export class Synchronization {
  readonly #stop = new AbortController();
  readonly #waiting = new Set<{ readonly done: () => void; readonly failed: (error: Error) => void }>();
  #most: number;
  /** Changes that are sent one by one, as one of them was not taken with the others. */
  #alone = 0;
  #due = true;
  #wake: (() => void) | undefined;
  #end: { readonly error?: Error } | undefined;
  #failures = 0;

  /** @internal */
  constructor(
    private readonly of: object,
    private readonly replica: Replica,
    private readonly around: SynchronizationSurroundings,
    private readonly options: SynchronizeOptions,
  ) {
    if (replica.onPending !== undefined) throw new Error('the replica is kept in step already');
    this.#most = around.limits.syncChanges;
    replica.onPending = () => this.#raise();
    options.signal?.addEventListener('abort', () => this.close(), { once: true });
    if (options.signal?.aborted === true) {
      this.close();
      return;
    }
    this.#run().catch((error: unknown) => this.#finish(asError(error)));
    this.#watch().catch((error: unknown) => this.#finish(asError(error)));
  }

  /** Why it ended, where the daemon refused it, for example `permission_denied`; what waits is still in the replica. */
  get error(): Error | undefined {
    return this.#end?.error;
  }

  /**
   * Resolves once the replica knows what the document was when this was called, or later, and nothing waits.
   *
   * @throws OrchestratorError what the synchronisation was refused with; ConnectionError `closed` when it ended before
   */
  async settled(): Promise<void> {
    if (this.#end !== undefined) throw this.#end.error ?? new ConnectionError('closed');
    const settled = new Promise<void>((done, failed) => this.#waiting.add({ done, failed }));
    this.#raise();
    await settled;
  }

  /** Ends it; the replica can be read and written on, and kept in step again. */
  close(): void {
    this.#finish();
  }

  async #run(): Promise<void> {
    while (!this.#ended()) {
      if (!this.#due) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#ended()) return;
      this.#due = false;
      // Who asks from here on may know of something that this round does not bring.
      const asked = [...this.#waiting];
      try {
        const synced = await this.#once();
        this.#failures = 0;
        this.options.onSynchronized?.(synced);
        if (this.replica.pending.length > 0) this.#due = true;
        else for (const one of asked) if (this.#waiting.delete(one)) one.done();
      } catch (error) {
        if (this.#ended()) return;
        await this.#recover(error);
      }
    }
  }

  async #once(): Promise<Synchronized> {
    const { replica } = this;
    const changes = this.#next();
    const params = { ...this.of, replica: replica.id, since: replica.revision, changes };
    const options = { ofWork: true, signal: this.#stop.signal };
    try {
      const synced = (await this.around.calls.start('state.sync', params, options)) as Synced;
      this.#alone = Math.max(0, this.#alone - changes.length);
      return replica.synchronized(synced);
    } catch (error) {
      const [first, ...others] = changes;
      if (first === undefined || !isOfChanges(error)) throw error;
      if (others.length === 0) {
        this.#alone = Math.max(0, this.#alone - 1);
        return replica.refused(first, error);
      }
      this.#alone = changes.length;
      return this.#once();
    }
  }

  /** The first of what waits, as much as goes into one call; nothing before it is known how fields are merged. */
  #next(): PendingChange[] {
    const next: PendingChange[] = [];
    if (!this.replica.knowsRules) return next;
    let size = 0;
    for (const change of this.replica.pending) {
      size += JSON.stringify(change).length;
      if (next.length >= (this.#alone > 0 ? 1 : this.#most) || (next.length > 0 && size > this.around.limits.syncBytes))
        break;
      next.push(change);
    }
    return next;
  }

  /** Waits until it makes sense to try again. @throws what makes no sense to try again after */
  async #recover(error: unknown): Promise<void> {
    this.#due = true;
    if (error instanceof OrchestratorError) {
      const { errorName, data } = error;
      const most = errorName === 'limit_exceeded' && data.limit === 'state.syncChanges' ? Number(data.value) : 0;
      if (most > 0 && most < this.#most) {
        this.#most = most;
        return;
      }
      // It waited for a connection all the time.
      if (errorName === 'deadline_exceeded') return;
      if (!data.retryable) throw error;
    } else if (!(error instanceof ConnectionError) || error.reason === 'closed') throw error;
    this.#failures += 1;
    await this.#pause(backoffMs(this.#failures, this.around.random, this.around.limits));
  }

  /** Has it look whenever the document changes. */
  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    const params = this.of;
    while (!this.#ended()) {
      try {
        const coming = await this.around.subscriptions.open<{ readonly revision: number }>(
          { method: 'state.watch', params },
          signal,
        );
        this.#raise();
        for await (const { revision } of coming) if (revision > this.replica.revision) this.#raise();
        return;
      } catch (error) {
        if (this.#ended()) return;
        const name = error instanceof OrchestratorError ? error.errorName : undefined;
        // What came meanwhile is asked for by revision.
        if (name === 'limit_exceeded' || name === 'too_many_pending') await this.#pause(this.around.limits.pollMs);
        else if (name !== 'cursor_expired') throw error;
        this.#raise();
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const timer: Timer = this.around.time.after(ms, () => {
        signal.removeEventListener('abort', stopped);
        resolve();
      });
      const stopped = (): void => {
        timer.cancel();
        resolve();
      };
      signal.addEventListener('abort', stopped, { once: true });
    });
  }

  #ended(): boolean {
    return this.#stop.signal.aborted;
  }

  #raise(): void {
    this.#due = true;
    this.#wake?.();
  }

  #finish(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    this.replica.onPending = undefined;
    this.#stop.abort();
    this.#wake?.();
    for (const { failed } of this.#waiting) failed(error ?? new ConnectionError('closed'));
    this.#waiting.clear();
  }
}

/** Whether a synchronisation was refused for what its changes are, which no repetition helps. */
function isOfChanges(error: unknown): error is OrchestratorError {
  return error instanceof OrchestratorError && ['invalid_params', 'invalid_request'].includes(error.errorName);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
