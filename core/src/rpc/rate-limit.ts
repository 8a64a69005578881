import { inject, injectable } from 'tsyringe';
import type { Role } from '@ai-orchestrator/protocol';
import { Clock } from '../host/time.js';
import type { Principal } from '../permissions/principal.js';
import { token } from '../plugin/token.js';

/** Limits how much each principal may ask for, over all of its connections. */
export interface RateLimiter {
  /**
   * Takes from the principal's allowance; it is taken only when all of it is there.
   *
   * @param cost calls, 1 unless said; more than the burst counts as the burst
   * @returns 0 when granted, otherwise the milliseconds to wait before asking again
   */
  take(principal: Principal, cost?: number): number;
}
/** Token of {@link RateLimiter}. */
export const RateLimiter = token<RateLimiter>('rate-limiter');

/** A token bucket's measures. */
export interface Rate {
  /** Calls a second in the long run, above 0. */
  readonly perSecond: number;
  /** Calls at once after a rest, at least 1. */
  readonly burst: number;
}

/** What {@link TokenBuckets} allows. */
export interface RateLimits extends Rate {
  /** Instead of the common rate for principals with the role; of several roles the most generous counts. */
  readonly roles: Readonly<Partial<Record<Role, Rate>>>;
  /** Allowances remembered, one for each principal and rate; past it the one that is nearest to a full allowance is forgotten. */
  readonly maxPrincipals: number;
}
/** Token of {@link RateLimits}. */
export const RateLimits = token<RateLimits>('rate-limits');

/** {@link RateLimits} unless configured. */
export const DEFAULT_RATE_LIMITS: RateLimits = { perSecond: 20_000, burst: 40_000, roles: {}, maxPrincipals: 65_536 };

/** How many slots are looked at to find one to forget. */
const EVICTION_PROBES = 16;
const FIRST_SLOTS = 256;
/** Of refilling in floating point; without it the wait that was named could fall short. */
const ROUNDING = 1e-6;

/**
 * Token buckets in flat arrays: a call that is granted allocates nothing. Keys of one principal that have the same rate share a
 * bucket; a key whose roles come to another rate has another, so that it does not matter which was seen first.
 */
@injectable()
export class TokenBuckets implements RateLimiter {
  #limits: RateLimits;
  readonly #slotsOf = new Map<Rate, Map<string, number>>();
  /** The bucket's rate and principal, by slot. */
  readonly #rates: Rate[] = [];
  readonly #principals: string[] = [];
  #tokens = new Float64Array(FIRST_SLOTS);
  #filledAt = new Float64Array(FIRST_SLOTS);
  #perMs = new Float64Array(FIRST_SLOTS);
  #burst = new Float64Array(FIRST_SLOTS);
  #hand = 0;

  /** @throws RangeError when a rate or bound is not positive */
  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(RateLimits) limits: RateLimits,
  ) {
    check(limits);
    this.#limits = limits;
  }

  /**
   * Puts other limits in force at once; everybody begins anew, with a full burst.
   *
   * @throws RangeError when a rate or bound is not positive; the old ones then stay
   */
  replace(limits: RateLimits): void {
    check(limits);
    this.#limits = limits;
    this.#slotsOf.clear();
    this.#rates.length = 0;
    this.#principals.length = 0;
    this.#hand = 0;
  }

  /** Allowances remembered now. */
  get size(): number {
    return this.#principals.length;
  }

  take(principal: Principal, cost = 1): number {
    const now = this.clock.monotonicMs();
    const rate = this.#rateOf(principal);
    const slot = this.#slotsOf.get(rate)?.get(principal.id) ?? this.#open(principal.id, rate, now);
    const burst = this.#burst[slot] ?? 1;
    const perMs = this.#perMs[slot] ?? 1;
    const tokens = this.#tokensAt(slot, now);
    const wanted = cost < burst ? cost : burst;
    this.#filledAt[slot] = now;
    if (tokens + ROUNDING >= wanted) {
      this.#tokens[slot] = Math.max(0, tokens - wanted);
      return 0;
    }
    this.#tokens[slot] = tokens;
    return Math.max(1, Math.ceil((wanted - tokens) / perMs));
  }

  #tokensAt(slot: number, now: number): number {
    const filled = (this.#tokens[slot] ?? 0) + (now - (this.#filledAt[slot] ?? 0)) * (this.#perMs[slot] ?? 0);
    const burst = this.#burst[slot] ?? 0;
    return filled < burst ? filled : burst;
  }

  #open(principalId: string, rate: Rate, now: number): number {
    const slot = this.#freeSlot(now);
    let slots = this.#slotsOf.get(rate);
    if (slots === undefined) this.#slotsOf.set(rate, (slots = new Map<string, number>()));
    slots.set(principalId, slot);
    this.#rates[slot] = rate;
    this.#principals[slot] = principalId;
    this.#tokens[slot] = rate.burst;
    this.#filledAt[slot] = now;
    this.#perMs[slot] = rate.perSecond / 1000;
    this.#burst[slot] = rate.burst;
    return slot;
  }

  #rateOf(principal: Principal): Rate {
    let best: Rate | undefined;
    for (const role of principal.roles) {
      const rate = this.#limits.roles[role];
      if (rate !== undefined && rate.perSecond > (best?.perSecond ?? 0)) best = rate;
    }
    return best ?? this.#limits;
  }

  /** Forgetting a full bucket changes nothing; so the fullest of the next few goes. */
  #freeSlot(now: number): number {
    const used = this.#principals.length;
    if (used < this.#limits.maxPrincipals) {
      if (used === this.#tokens.length) this.#grow();
      return used;
    }
    let chosen = this.#hand;
    let least = Infinity;
    for (let probe = 0; probe < EVICTION_PROBES && least > 0; probe++) {
      const slot = this.#hand;
      this.#hand = (slot + 1) % used;
      const missing = (this.#burst[slot] ?? 0) - this.#tokensAt(slot, now);
      if (missing < least) {
        least = missing;
        chosen = slot;
      }
    }
    const [rate, principalId] = [this.#rates[chosen], this.#principals[chosen]];
    if (rate !== undefined && principalId !== undefined) this.#slotsOf.get(rate)?.delete(principalId);
    return chosen;
  }

  #grow(): void {
    const larger = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const array = new Float64Array(old.length * 2);
      array.set(old);
      return array;
    };
    this.#tokens = larger(this.#tokens);
    this.#filledAt = larger(this.#filledAt);
    this.#perMs = larger(this.#perMs);
    this.#burst = larger(this.#burst);
  }
}

function check(limits: RateLimits): void {
  for (const [name, rate] of [['the common rate', limits] as const, ...Object.entries(limits.roles)]) {
    if (!(rate.perSecond > 0) || !(rate.burst >= 1)) {
      throw new RangeError(`${name}: perSecond must be above 0 and burst at least 1`);
    }
  }
  if (!(limits.maxPrincipals >= 1)) throw new RangeError('maxPrincipals must be at least 1');
}
