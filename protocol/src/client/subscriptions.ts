import { OrchestratorError } from '../error.js';
import type { ParamsOf, ResultOf } from '../method.js';
import type { DaemonMethodName, Methods } from '../methods/index.js';
import { backoffMs } from './backoff.js';
import type { Calls } from './calls.js';
import { ConnectionError } from './connection-error.js';
import type { ClientLimits } from './options.js';
import { canPass } from './persist.js';
import { Subscription, type AnySubscription, type SubscriptionOwner } from './subscription.js';
import type { Time, Timer } from './time.js';
import { retryAfterOf } from './wire.js';

/** What to follow, and from where; without `after` from now on. */
export type SubscribeParams = ParamsOf<Methods['journal.subscribe']>;

type Events = ParamsOf<Methods['subscription.events']>;
type Closed = ParamsOf<Methods['subscription.closed']>;
type Opened = ResultOf<Methods['journal.subscribe']>;

/** What is followed: a method that answers `{ subscriptionId, cursor }` and takes the cursor to go on after. */
export interface Followed {
  readonly method: DaemonMethodName;
  readonly params: object;
  /** Where to begin; where the method says unless given. */
  readonly after?: string | undefined;
}

/** Where one subscription is with the daemon. */
interface Feed {
  readonly followed: Followed;
  readonly subscription: AnySubscription;
  /** The daemon's id of it; `undefined` while it has none. */
  id: string | undefined;
  opening: boolean;
  failures: number;
  retry: Timer | undefined;
}

/** Batches kept for subscriptions whose opening is not answered yet; past it they are asked for again. */
const MAX_EARLY = 64;

/** The subscriptions of a client: opened again on each connection, after what was received. */
export class Subscriptions implements SubscriptionOwner {
  readonly maxBufferedEntries: number;
  readonly #calls: Calls;
  readonly #limits: ClientLimits;
  readonly #random: () => number;
  readonly #time: Time;
  readonly #feeds = new Map<AnySubscription, Feed>();
  readonly #opened = new Map<AnySubscription, (error?: Error) => void>();
  /** Came before the answer that says whose they are. */
  #early: Events[] = [];
  #online = false;

  constructor(calls: Calls, limits: ClientLimits, random: () => number, time: Time) {
    this.#calls = calls;
    this.#limits = limits;
    this.#random = random;
    this.#time = time;
    this.maxBufferedEntries = limits.maxBufferedEntries;
  }

  /** Resolves once the daemon follows it for us. @typeParam Entry what the method's entries are */
  async open<Entry>(followed: Followed, signal?: AbortSignal): Promise<Subscription<Entry>> {
    const subscription = new Subscription<Entry>(this, followed.after);
    const feed: Feed = { followed, subscription, id: undefined, opening: false, failures: 0, retry: undefined };
    // Kept from the start, so that a connection lost meanwhile is no failure of the first opening.
    this.#feeds.set(subscription, feed);
    await new Promise<void>((resolve, reject) => {
      const aborted = () => subscription.close();
      if (signal?.aborted) aborted();
      signal?.addEventListener('abort', aborted, { once: true });
      this.#opened.set(subscription, (error) => {
        this.#opened.delete(subscription);
        if (error) reject(error);
        else resolve();
      });
      if (signal?.aborted) this.#settleOpening(subscription, new OrchestratorError('canceled'));
      else this.#start(feed);
    });
    return subscription;
  }

  connected(): void {
    this.#online = true;
    for (const feed of this.#feeds.values()) this.#start(feed);
  }

  lost(): void {
    this.#online = false;
    this.#early = [];
    for (const feed of this.#feeds.values()) {
      feed.id = undefined;
      feed.retry?.cancel();
    }
  }

  /** Entries came. */
  events(events: Events): void {
    const feed = this.#byId(events.subscriptionId);
    if (feed) feed.subscription.push(events);
    else if (this.#early.length < MAX_EARLY && this.#isOpening()) this.#early.push(events);
  }

  /** The daemon ended one. */
  closed({ subscriptionId, reason }: Closed): void {
    const feed = this.#byId(subscriptionId);
    if (!feed) return;
    feed.id = undefined;
    if (reason === 'cursor_expired') this.#fail(feed, new OrchestratorError('cursor_expired'));
    else if (reason === 'permission_revoked') this.#fail(feed, new OrchestratorError('permission_denied'));
    else if (reason !== 'going_away') this.#startLater(feed);
  }

  /** Ends all of them. */
  close(error?: Error): void {
    for (const feed of [...this.#feeds.values()]) this.#fail(feed, error);
  }

  pause(subscription: AnySubscription): void {
    const feed = this.#feeds.get(subscription);
    if (feed) this.#stop(feed);
  }

  resume(subscription: AnySubscription): void {
    const feed = this.#feeds.get(subscription);
    if (feed) this.#start(feed);
  }

  end(subscription: AnySubscription): void {
    const feed = this.#feeds.get(subscription);
    if (!feed) return;
    this.#feeds.delete(subscription);
    feed.retry?.cancel();
    this.#stop(feed);
    this.#settleOpening(subscription, new OrchestratorError('canceled'));
  }

  #byId(id: string): Feed | undefined {
    for (const feed of this.#feeds.values()) if (feed.id === id) return feed;
    return undefined;
  }

  #settleOpening(subscription: AnySubscription, error?: Error): void {
    this.#opened.get(subscription)?.(error);
  }

  #start(feed: Feed): void {
    if (!this.#online || feed.opening || feed.id !== undefined || feed.subscription.paused) return;
    feed.opening = true;
    const after = feed.subscription.received;
    const { method, params: asked } = feed.followed;
    const params = after === undefined ? asked : { ...asked, after };
    // The id is needed before the next message is looked at, which may be of this very subscription.
    const onResult = (result: unknown) => this.#attach(feed, result as Opened);
    // What was followed before goes on however many calls wait; what is new waits with them.
    const resumes = !this.#opened.has(feed.subscription);
    this.#calls.start(method, params, { onResult, ofWork: true, resumes }).then(
      () => this.#settleOpening(feed.subscription),
      (error: unknown) => this.#refused(feed, error),
    );
  }

  #attach(feed: Feed, { subscriptionId, cursor }: Opened): void {
    feed.opening = false;
    feed.failures = 0;
    feed.id = subscriptionId;
    feed.subscription.opened(cursor);
    const early = this.#early.filter((events) => events.subscriptionId === subscriptionId);
    const overflown = this.#early.length >= MAX_EARLY;
    if (!this.#isOpening()) this.#early = [];
    if (!this.#feeds.has(feed.subscription)) this.#stop(feed);
    else if (overflown) {
      this.#stop(feed);
      this.#start(feed);
    } else for (const events of early) this.events(events);
  }

  #isOpening(): boolean {
    for (const feed of this.#feeds.values()) if (feed.opening) return true;
    return false;
  }

  #refused(feed: Feed, error: unknown): void {
    feed.opening = false;
    if (error instanceof ConnectionError && error.reason === 'connection_lost') this.#start(feed);
    else if (canPass(error)) this.#startLater(feed, retryAfterOf(error));
    else this.#fail(feed, error instanceof Error ? error : new Error(String(error)));
  }

  #startLater(feed: Feed, retryAfterMs?: number): void {
    feed.failures += 1;
    feed.retry?.cancel();
    const delayMs = backoffMs(feed.failures, this.#random, this.#limits, retryAfterMs);
    feed.retry = this.#time.after(delayMs, () => this.#start(feed));
  }

  #stop(feed: Feed): void {
    if (feed.id === undefined) return;
    const subscriptionId = feed.id;
    feed.id = undefined;
    // Whether the daemon still had it makes no difference to us.
    this.#calls.start('subscription.cancel', { subscriptionId }, { ofWork: true }).catch(() => undefined);
  }

  #fail(feed: Feed, error?: Error): void {
    this.#feeds.delete(feed.subscription);
    feed.retry?.cancel();
    feed.subscription.finish(error);
    this.#settleOpening(feed.subscription, error ?? new ConnectionError('closed'));
  }
}
