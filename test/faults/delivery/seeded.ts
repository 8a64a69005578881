/** Random numbers that a seed decides (mulberry32). */
export class Seeded {
  #state: number;

  /** @param seed 0 <= seed < 2^32 */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 <= n < 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** least <= n < past, whole. */
  integer(least: number, past: number): number {
    return least + Math.floor(this.fraction() * (past - least));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Waiting time of something that happens at random, so often on average; at most ten times that. */
  wait(meanMs: number): number {
    return Math.min(-Math.log(1 - this.fraction()) * meanMs, meanMs * 10);
  }

  /** @throws RangeError when there is nothing to choose from */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('nothing to choose from');
    return from[this.integer(0, from.length)] as T;
  }

  /** One of the names, in proportion to their weights. */
  weighted<N extends string>(weights: Readonly<Record<N, number>>): N {
    const names = Object.keys(weights) as N[];
    let left = this.fraction() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return this.pick(names);
  }
}

/** A seed of its own for each purpose, from one for all. */
export function seedFor(seed: number, purpose: string): number {
  let hash = seed >>> 0;
  for (const character of purpose) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}
