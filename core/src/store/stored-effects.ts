import { OrchestratorError } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import { inject, injectable } from 'tsyringe';
import { Clock, Timers } from '../host/time.js';
import type { Timer } from '../host/time.js';
import { token } from '../plugin/token.js';
import type { Call } from '../rpc/call.js';
import { canonicalJson } from './canonical-json.js';
import { commitEffect, directEffect } from './commit-effect.js';
import type { Effect, Effects } from './effects.js';
import { KeyedQueue } from './keyed-queue.js';
import { Store } from './store.js';
import type { Commit, Entry, JsonValue, RangePage } from './store.js';
import { joined } from './joined-commits.js';

/** Bounds of the idempotency keys that are kept. */
export interface EffectLimits {
  /** How long an answer is kept, ms. */
  readonly keepMs: number;
  /** Answers kept for one principal; with more, the oldest are given up before their time. */
  readonly keysPerPrincipal: number;
  /** Between two sweeps of what has expired, ms. */
  readonly sweepMs: number;
  /** Calls with one key that may wait for each other. */
  readonly waitingPerKey: number;
}
/** Token of {@link EffectLimits}. */
export const EffectLimits = token<EffectLimits>('effect-limits');
/** What {@link EffectLimits} are unless configured. */
export const EFFECT_LIMITS: EffectLimits = {
  keepMs: 24 * 3_600_000,
  keysPerPrincipal: 100_000,
  sweepMs: 60_000,
  waitingPerKey: 16,
};

interface Kept {
  readonly method: string;
  readonly paramsHash: string;
  readonly answer: JsonValue;
  readonly expiresAt: number;
}

const ANSWERS = 'effects/answers/';
const EXPIRY = 'effects/expiry/';
const SWEEP_PAGE = 100;
const SCAN_PAGE = 1000;

/** Keeps the answer of an effect in the commit that it is the answer of. */
@injectable()
export class StoredEffects implements Effects {
  readonly #queue: KeyedQueue;
  /** What calls without a key commit with. */
  readonly #direct: Effect;
  /** Kept keys of each principal that has any. */
  readonly #counts = new Map<string, number>();
  /** Where to look for the oldest of a principal that had too many: before it there is none. */
  readonly #oldest = new Map<string, string>();
  /** Principals whose oldest are just being given up. */
  readonly #shrinking = new Map<string, Promise<void>>();
  #timer: Timer | undefined;
  /** What deletes goes one after another, as it counts what it deletes; never fails. */
  #deleting: Promise<void> = Promise.resolve();

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(EffectLimits) private readonly limits: EffectLimits = EFFECT_LIMITS,
  ) {
    this.#queue = new KeyedQueue(limits.waitingPerKey);
    this.#direct = directEffect(store);
  }

  /** Counts what is kept and begins to sweep; answers how to stop. */
  async start(onSweepError: (error: unknown) => void): Promise<() => Promise<void>> {
    for (let from: string | undefined = EXPIRY; from !== undefined;) {
      const page = await this.store.range({ from, to: after(EXPIRY), limit: SCAN_PAGE });
      for (const entry of page.entries) this.#count(principalIn(entry.key), 1);
      from = page.next;
    }
    this.#timer = this.timers.every(this.limits.sweepMs, () => {
      this.#inTurn(() => this.sweep()).catch(onSweepError);
    });
    return async () => {
      this.#timer?.cancel();
      await this.#deleting;
    };
  }

  perform<T>(
    call: Pick<Call, 'method' | 'principal'>,
    params: { readonly idempotencyKey?: string | undefined },
    run: (effect: Effect) => Promise<T>,
    stillHolds: (answer: T) => boolean = () => true,
  ): Promise<T> {
    const { idempotencyKey } = params;
    // Nothing that most calls would have to wait for.
    return idempotencyKey === undefined
      ? run(this.#direct)
      : this.#keyed(idempotencyKey, call, params, run, stillHolds);
  }

  async #keyed<T>(
    idempotencyKey: string,
    { method, principal }: Pick<Call, 'method' | 'principal'>,
    params: { readonly idempotencyKey?: string | undefined },
    run: (effect: Effect) => Promise<T>,
    stillHolds: (answer: T) => boolean,
  ): Promise<T> {
    const owner = encodeURIComponent(principal.id);
    const key = `${ANSWERS}${owner}/${sha256(idempotencyKey)}`;
    return this.#queue.run(key, () => this.#once(method, owner, key, params, run, stillHolds));
  }

  async #once<T>(
    method: string,
    owner: string,
    key: string,
    params: { readonly idempotencyKey?: string | undefined },
    run: (effect: Effect) => Promise<T>,
    stillHolds: (answer: T) => boolean,
  ): Promise<T> {
    const paramsHash = hashOf(method, params);
    const entry = await this.store.get(key);
    const kept = entry?.value as unknown as Kept | undefined;
    if (kept !== undefined && kept.expiresAt > this.clock.now()) {
      if (kept.paramsHash !== paramsHash) {
        throw new OrchestratorError('conflict', 'idempotencyKey was used with other params; use a new key', {
          resource: `idempotencyKey/${params.idempotencyKey ?? ''}`,
        });
      }
      const answer = kept.answer as T;
      return stillHolds(answer) ? answer : await run(this.#direct);
    }
    if ((this.#counts.get(owner) ?? 0) >= this.limits.keysPerPrincipal) await this.#shrink(owner);
    const expiresAt = this.clock.now() + this.limits.keepMs;
    const keeping = (answer: unknown): Commit => ({
      checks: [{ key, revision: entry?.revision ?? 0 }],
      puts: [
        { key, value: { method, paramsHash, answer: answer as JsonValue, expiresAt } },
        { key: expiryKey(expiresAt, key), value: null },
      ],
    });
    const done = { committed: false };
    const answer = await run({
      commit: async (commit, answer) => {
        const revision = await this.#commit(joined(commit, keeping(answer)));
        done.committed = true;
        return revision;
      },
      kept: (answer) => {
        done.committed = true;
        return keeping(answer);
      },
    });
    if (!done.committed) await this.#commit(keeping(answer));
    this.#count(owner, 1);
    return answer;
  }

  /** Deletes the answers whose time is over. */
  async sweep(): Promise<void> {
    const to = EXPIRY + padded(this.clock.now());
    for (;;) {
      const page = await this.store.range({ from: EXPIRY, to, limit: SWEEP_PAGE });
      if (page.entries.length === 0) return;
      // Not done: one of the keys was used again meanwhile, which the next look at the page shows.
      await this.#drop(page.entries.map(({ key }) => key));
    }
  }

  /** Deletes some of a principal's oldest answers; those who ask meanwhile share it. */
  #shrink(owner: string): Promise<void> {
    const running = this.#shrinking.get(owner);
    if (running !== undefined) return running;
    const shrinking = this.#inTurn(async () => {
      await this.#drop(
        await this.#oldestOf(owner, Math.min(SWEEP_PAGE, Math.ceil(this.limits.keysPerPrincipal / 100))),
      );
    }).finally(() => this.#shrinking.delete(owner));
    this.#shrinking.set(owner, shrinking);
    return shrinking;
  }

  /** Expiries of a principal's oldest answers, at most so many. */
  async #oldestOf(owner: string, most: number): Promise<readonly string[]> {
    const found: string[] = [];
    for (let from: string | undefined = this.#oldest.get(owner) ?? EXPIRY; from !== undefined && found.length < most;) {
      const page: RangePage = await this.store.range({ from, to: after(EXPIRY), limit: SCAN_PAGE });
      for (const { key } of page.entries) if (principalIn(key) === owner && found.length < most) found.push(key);
      from = page.next;
    }
    const last = found.at(-1);
    // With a clock that was set back there are some before it.
    if (last === undefined) this.#oldest.delete(owner);
    else this.#oldest.set(owner, last);
    return found;
  }

  /** Deletes expiries, and the answers that they are of; false when one of these was just changed. */
  async #drop(expiries: readonly string[]): Promise<boolean> {
    const answers = await this.store.getMany(expiries.map(answerKeyIn));
    // A key that expired and was used again has a later expiry entry of its own.
    const over = answers.filter((answer, i) => answer !== undefined && isOf(answer, expiries[i] ?? ''));
    const entries = over.filter((answer) => answer !== undefined);
    const { committed } = await this.store.commit({
      checks: entries.map(({ key, revision }) => ({ key, revision })),
      deletes: [...expiries, ...entries.map(({ key }) => key)],
    });
    if (committed) for (const expiry of expiries) this.#count(principalIn(expiry), -1);
    return committed;
  }

  /** Who asks is told when it fails. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#deleting.then(run);
    this.#deleting = done.catch(() => undefined);
    return done;
  }

  #commit(commit: Commit): Promise<number> {
    return commitEffect(this.store, commit);
  }

  #count(owner: string, n: number): void {
    const count = (this.#counts.get(owner) ?? 0) + n;
    if (count > 0) this.#counts.set(owner, count);
    else {
      this.#counts.delete(owner);
      this.#oldest.delete(owner);
    }
  }
}

/** Whether an answer ends with an expiry, not with a later one of its key. */
function isOf(answer: Entry, expiry: string): boolean {
  return expiryKey((answer.value as unknown as Kept).expiresAt, answer.key) === expiry;
}

/** Trace context may differ between two sendings of one call. */
function hashOf(method: string, params: object): string {
  return sha256(canonicalJson([method, { ...params, idempotencyKey: undefined, traceparent: undefined }]));
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

function padded(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(16, '0');
}

/** The first key after all that begin with a prefix that ends with `/`. */
function after(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

function expiryKey(expiresAt: number, answerKey: string): string {
  return `${EXPIRY}${padded(expiresAt)}/${answerKey.slice(ANSWERS.length)}`;
}

function answerKeyIn(expiry: string): string {
  return ANSWERS + expiry.slice(EXPIRY.length + 17);
}

function principalIn(expiry: string): string {
  return expiry.slice(EXPIRY.length + 17).split('/', 1)[0] ?? '';
}
