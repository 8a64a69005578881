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
import type { Commit, Entry, JsonValue } from './store.js';
import { joined } from './joined-commits.js';

/** Bounds of the idempotency keys that are kept. */
export interface EffectLimits {
  /** How long an answer is kept, ms. */
  readonly keepMs: number;
  /** Answers kept for one principal; one more is refused. */
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
  keysPerPrincipal: 10_000,
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

/** Keeps the answer of an effect in the commit that it is the answer of. */
@injectable()
export class StoredEffects implements Effects {
  readonly #queue: KeyedQueue;
  /** What calls without a key commit with. */
  readonly #direct: Effect;
  /** Kept keys of each principal that has any. */
  readonly #counts = new Map<string, number>();
  #timer: Timer | undefined;
  #sweeping: Promise<void> = Promise.resolve();

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
      const page = await this.store.range({ from, to: after(EXPIRY), limit: 1000 });
      for (const entry of page.entries) this.#count(principalIn(entry.key), 1);
      from = page.next;
    }
    this.#timer = this.timers.every(this.limits.sweepMs, () => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch(onSweepError);
    });
    return async () => {
      this.#timer?.cancel();
      await this.#sweeping;
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
    if ((this.#counts.get(owner) ?? 0) >= this.limits.keysPerPrincipal) {
      throw new OrchestratorError(
        'limit_exceeded',
        `at most ${String(this.limits.keysPerPrincipal)} idempotency keys`,
        { limit: 'effects.keysPerPrincipal' },
      );
    }
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
      const keys = page.entries.map((entry) => answerKeyIn(entry.key));
      const kept = await this.store.getMany(keys);
      // A key that expired and was used again has a later expiry entry of its own.
      const expired = kept.filter((e) => e !== undefined).filter((e) => isOver(e, this.clock.now()));
      const result = await this.store.commit({
        checks: expired.map(({ key, revision }) => ({ key, revision })),
        // A key that expired twice before it was swept has one answer and two expiries.
        deletes: [...new Set([...page.entries, ...expired].map((entry) => entry.key))],
      });
      // Not committed: one of the keys was used again meanwhile, which the next look at the page shows.
      if (result.committed) for (const entry of page.entries) this.#count(principalIn(entry.key), -1);
    }
  }

  #commit(commit: Commit): Promise<number> {
    return commitEffect(this.store, commit);
  }

  #count(owner: string, n: number): void {
    const count = (this.#counts.get(owner) ?? 0) + n;
    if (count > 0) this.#counts.set(owner, count);
    else this.#counts.delete(owner);
  }
}

function isOver(entry: Entry, now: number): boolean {
  return (entry.value as unknown as Kept).expiresAt <= now;
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
