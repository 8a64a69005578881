import { randomBytes, randomFillSync } from 'node:crypto';
import { inject, injectable } from 'tsyringe';
import { V7Generator } from 'uuidv7';
import { Clock } from './time.js';
import type { Random } from './time.js';

/** Random words fetched from the operating system at once. */
const POOL_WORDS = 1024;

/** The operating system's randomness; UUIDv7 that rise even when the wall clock goes back by years [RFC 9562 §6.2]. */
@injectable()
export class SystemRandom implements Random {
  readonly #pool = new Uint32Array(POOL_WORDS);
  #next = POOL_WORDS;
  #latestMs = 0;
  readonly #uuids = new V7Generator({ nextUint32: () => this.#word() });

  constructor(@inject(Clock) private readonly clock: Clock) {}

  bytes(count: number): Buffer {
    return randomBytes(count);
  }

  uuid(): string {
    // The generator starts anew after a jump back of 10 s; it is never shown one.
    this.#latestMs = Math.max(this.#latestMs, Math.trunc(this.clock.now()));
    return this.#uuids.generateOrResetWithTs(this.#latestMs).toString();
  }

  fraction(): number {
    return this.#word() / 2 ** 32;
  }

  #word(): number {
    if (this.#next === POOL_WORDS) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    return this.#pool[this.#next++] ?? 0;
  }
}
